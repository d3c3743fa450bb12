using System.Formats.Tar;
using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Changes;

namespace Sampan.Storage.Tests.Distribution;

public sealed class PushTests : RegistryTest
{
    [Fact]
    public async Task A_pulled_image_is_pushed_with_the_same_digest()
    {
        var manifest = TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 3_000_000), TestImage.Layer("b", 100));
        await PullAsync("app:v1");
        await using var other = new TestRegistry();
        var target = ImageReference.Parse($"{other.Host}/copy:v2");
        Images.Tag(Name("app:v1").ToString(), target);

        var pushed = await Images.PushAsync(Client(), target, null, null, Ct);

        pushed.Digest.ShouldBe(Digest.Of(manifest));
        other.Manifests["copy:v2"].Content.ShouldBe(manifest);
        other.Blobs.Count.ShouldBe(3);
        Images.Find(target.ToString())?.RepoDigests.ShouldContain(target.WithDigest(pushed.Digest));
    }

    [Fact]
    public async Task A_pulled_image_that_is_loaded_again_with_plain_layers_is_pushed_as_it_was_pulled()
    {
        var layer = TestImage.Layer("a", 100_000);
        var manifest = TestImage.Publish(Registry, "app", "v1", layer);
        await PullAsync("app:v1");
        var config = TestImage.Config([layer]);
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            foreach (var (path, content) in new[] { ("config.json", config), ("layer.tar", layer), ("manifest.json", """[{"Config":"config.json","RepoTags":["again:v1"],"Layers":["layer.tar"]}]"""u8.ToArray()) })
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) });
        }
        archive.Position = 0;

        (await Images.LoadAsync(archive, [Platform.Current], null, Ct)).ShouldHaveSingleItem().Image.Id.ShouldBe(Digest.Of(config));
        await using var other = new TestRegistry();
        var target = ImageReference.Parse($"{other.Host}/copy:v2");
        Images.Tag("again:v1", target);
        var pushed = await Images.PushAsync(Client(), target, null, null, Ct);

        pushed.Digest.ShouldBe(Digest.Of(manifest));
        other.Blobs.Keys.ShouldBe([$"copy@{Digest.Of(TestImage.Gzip(layer))}", $"copy@{Digest.Of(config)}"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_blob_of_another_repository_there_is_mounted_and_one_that_is_there_is_not_sent()
    {
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 5000));
        await PullAsync("app:v1");
        Images.Tag(Name("app:v1").ToString(), Name("other:v1"));
        var steps = new StepList();

        await Images.PushAsync(Client(), Name("other:v1"), null, steps, Ct);
        await Images.PushAsync(Client(), Name("other:v1"), null, steps, Ct);

        steps.Statuses.ShouldContain("Mounted from app");
        steps.Statuses.ShouldContain("Layer already exists");
        steps.Statuses.ShouldNotContain("Pushed");
    }

    [Fact]
    public async Task Plain_layers_are_compressed_and_only_once()
    {
        using var tar = new MemoryStream(TestImage.Layer("plain", 4_000_000));
        await Images.ImportAsync(tar, new ImageImport { Name = Name("plain:v1") }, Ct);
        var client = Client();

        var first = await Images.PushAsync(client, Name("plain:v1"), null, null, Ct);
        Reopen();
        var before = Registry.Requests.Count;
        var second = await Images.PushAsync(client, Name("plain:v1"), null, null, Ct);

        second.Digest.ShouldBe(first.Digest);
        Registry.Requests.Skip(before).ShouldAllBe(request => request.Method == "HEAD" || request.Method == "GET" || request.Path.StartsWith("/v2/plain/manifests/", StringComparison.Ordinal));
        Images.Remove(Name("plain:v1").ToString(), force: true, noPrune: false, _ => null);
        (await PullAsync("plain:v1")).Image.Size.ShouldBe(4_000_000);
    }

    [Fact]
    public async Task A_broken_upload_goes_on_after_what_arrived()
    {
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 3_000_000));
        await PullAsync("app:v1");
        await using var other = new TestRegistry();
        var broken = false;
        other.Intercept = request =>
        {
            if (request.Method != "PUT" || request.Body.Length < 1_000_000 || broken)
                return null;
            broken = true;
            other.Uploads["1"] = request.Body[..1_000_000];
            return new TestAnswer(0) { HangUp = true };
        };
        var target = ImageReference.Parse($"{other.Host}/copy:v1");
        Images.Tag(Name("app:v1").ToString(), target);

        await Images.PushAsync(Client(), target, null, null, Ct);

        var pieces = other.RequestsFor("PATCH", "").ToList();
        pieces.ShouldHaveSingleItem().Header("Content-Range").ShouldStartWith("1000000-");
        other.Manifests.ShouldContainKey("copy:v1");
    }

    [Theory]
    [InlineData(413)]
    [InlineData(0)] // hangs up, and keeps nothing of it
    public async Task A_registry_that_takes_no_large_requests_gets_pieces(int status)
    {
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 20_000_000));
        await PullAsync("app:v1");
        await using var other = new TestRegistry();
        other.Intercept = request => request.Body.Length > 10_000_000 ? new TestAnswer(status) { HangUp = status == 0 } : null;
        var target = ImageReference.Parse($"{other.Host}/copy:v1");
        Images.Tag(Name("app:v1").ToString(), target);

        await Images.PushAsync(Client(), target, null, null, Ct);

        other.Manifests.ShouldContainKey("copy:v1");
        other.RequestsFor("PATCH", "").Count().ShouldBe(3);
        other.RequestsFor("PUT", "").Count(request => request.Body.Length > 10_000_000).ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_push_says_why_and_names_nothing()
    {
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 10));
        await PullAsync("app:v1");
        await using var other = new TestRegistry();
        other.Intercept = request => request.Method == "POST" ? TestAnswer.Error(403, "DENIED", "requested access to the resource is denied") : null;
        var target = ImageReference.Parse($"{other.Host}/copy:v1");
        Images.Tag(Name("app:v1").ToString(), target);

        var failure = await Should.ThrowAsync<RegistryException>(() => Images.PushAsync(Client(), target, null, null, Ct));

        failure.Kind.ShouldBe(StorageError.Forbidden);
        failure.Message.ShouldContain("denied: requested access to the resource is denied");
        other.Manifests.ShouldBeEmpty();
        Images.Find(target.ToString())?.RepoDigests.ShouldNotContain(name => name.Domain == other.Host);
    }
}
