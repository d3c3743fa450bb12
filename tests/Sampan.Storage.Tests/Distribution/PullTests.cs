using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Storage.Tests.Distribution;

public sealed class PullTests : RegistryTest
{
    [Fact]
    public async Task A_pulled_image_has_its_name_its_digest_and_its_files()
    {
        var manifest = TestImage.Publish(Registry, "team/app", "v1", TestImage.Layer("a", 1000), TestImage.Layer("b", 2000));

        var pulled = await PullAsync("team/app:v1");

        pulled.IsNew.ShouldBeTrue();
        pulled.Digest.ShouldBe(Digest.Of(manifest));
        pulled.Image.RepoTags.Single().ShouldBe(Name("team/app:v1"));
        pulled.Image.RepoDigests.Single().ShouldBe(Name("team/app").WithDigest(Digest.Of(manifest)));
        pulled.Image.Size.ShouldBe(3000);
        (await PullAsync("team/app:v1")).IsNew.ShouldBeFalse();
    }

    [Fact]
    public async Task A_second_image_fetches_only_the_layers_that_differ()
    {
        var shared = TestImage.Layer("shared", 5000);
        TestImage.Publish(Registry, "app", "v1", shared, TestImage.Layer("one", 10));
        TestImage.Publish(Registry, "app", "v2", shared, TestImage.Layer("two", 20));

        await PullAsync("app:v1");
        await PullAsync("app:v2");

        var blob = Digest.Of(TestImage.Gzip(shared)).ToString();
        Registry.RequestsFor("GET", blob).Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_layer_that_came_is_told_to_be_complete_though_its_files_were_here_already()
    {
        var layer = TestImage.Layer("a", 1000);
        TestImage.Publish(Registry, "app", "v1", layer);
        await PullAsync("app:v1");
        var config = TestImage.Config([layer]);
        Registry.AddBlob("plain", config);
        Registry.AddBlob("plain", layer);
        Registry.AddManifest("plain", "v1", TestImage.Manifest(config, [layer], MediaTypes.OciLayer), MediaTypes.OciManifest);
        var (fresh, again) = (new StepList(), new StepList());

        await PullAsync("plain:v1", progress: fresh);
        await PullAsync("plain:v1", progress: again);

        fresh.Statuses.ElementAt(1).ShouldBe("Pulling fs layer");
        fresh.Statuses.Last().ShouldBe("Pull complete");
        again.Statuses.ShouldBe(["Pulling from plain", "Already exists"]);
    }

    [Fact]
    public async Task A_digest_decides_and_gives_no_tag()
    {
        var manifest = TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 100));
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("b", 100));

        var pulled = await PullAsync($"app@{Digest.Of(manifest)}");

        pulled.Image.RepoTags.ShouldBeEmpty();
        pulled.Image.RepoDigests.Single().Digest.ShouldBe(Digest.Of(manifest));
    }

    [Fact]
    public async Task Of_an_index_the_platform_decides_and_the_name_by_digest_is_the_index()
    {
        var layers = new Dictionary<string, byte[]>(StringComparer.Ordinal) { ["arm64"] = TestImage.Layer("arm", 64), ["amd64"] = TestImage.Layer("amd", 64) };
        var manifests = new List<Descriptor>();
        foreach (var (architecture, layer) in layers)
        {
            var config = TestImage.Config([layer], architecture);
            var blob = TestImage.Gzip(layer);
            Registry.AddBlob("app", config);
            Registry.AddBlob("app", blob);
            var manifest = TestImage.Manifest(config, [blob]);
            Registry.AddManifest("app", architecture, manifest, MediaTypes.OciManifest);
            manifests.Add(TestImage.Describe(manifest, MediaTypes.OciManifest, $"linux/{architecture}"));
        }
        var index = TestImage.Index([.. manifests]);
        Registry.AddManifest("app", "v1", index, MediaTypes.OciIndex);

        foreach (var architecture in layers.Keys)
        {
            Platform.TryParse($"linux/{architecture}", out var platform).ShouldBeTrue();
            var pulled = await PullAsync("app:v1", pull: new PullOptions { Platform = platform });
            pulled.Image.Config.Architecture.ShouldBe(architecture);
            pulled.Digest.ShouldBe(Digest.Of(index));
            pulled.Image.RepoDigests.ShouldContain(Name("app").WithDigest(Digest.Of(index)));
        }
        Platform.TryParse("linux/s390x", out var strange).ShouldBeTrue();
        (await Should.ThrowAsync<StorageException>(() => PullAsync("app:v1", pull: new PullOptions { Platform = strange })))
            .Message.ShouldBe("no matching manifest for linux/s390x in the manifest list entries: there is linux/arm64, linux/amd64");
    }

    [Fact]
    public async Task What_is_not_there_is_told_in_the_registrys_words()
    {
        var failure = await Should.ThrowAsync<RegistryException>(() => PullAsync("nothing:here"));

        failure.Kind.ShouldBe(StorageError.NotFound);
        failure.Code.ShouldBe("MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task Nobody_listening_is_told_at_once()
    {
        var host = Registry.Host;
        await Registry.DisposeAsync();

        var failure = await Should.ThrowAsync<RegistryException>(() => Images.PullAsync(Client(new RegistryOptions()), ImageReference.Parse($"{host}/app"), new PullOptions(), null, Ct));

        failure.Message.ShouldBe($"cannot reach registry '{host}': connection refused");
    }

    [Fact]
    public async Task A_layer_that_two_images_need_at_the_same_time_is_fetched_once()
    {
        var shared = TestImage.Layer("shared", 50_000);
        var names = Enumerable.Range(0, 6).Select(i => $"app:v{i}").ToList();
        foreach (var (name, i) in names.Select((name, i) => (name, i)))
            TestImage.Publish(Registry, "app", name.Split(':')[1], shared, TestImage.Layer($"own{i}", 100 + i));
        var client = Client();

        await Task.WhenAll(names.Select(name => Images.PullAsync(client, Name(name), new PullOptions(), null, Ct)));

        Images.List().Count.ShouldBe(names.Count);
        Registry.RequestsFor("GET", Digest.Of(TestImage.Gzip(shared)).ToString()).Count().ShouldBe(1);
    }

    [Fact]
    public async Task Tags_are_listed_over_several_pages()
    {
        Registry.Intercept = request => request.Target switch
        {
            "/v2/app/tags/list" => TestAnswer.Json(200, """{"tags":["a","b"]}""").With("Link", "</v2/app/tags/list?last=b>; rel=\"next\""),
            "/v2/app/tags/list?last=b" => TestAnswer.Json(200, """{"tags":["c"]}"""),
            _ => null,
        };

        (await Client().ListTagsAsync(Name("app"), null, Ct)).ShouldBe(["a", "b", "c"]);
    }
}
