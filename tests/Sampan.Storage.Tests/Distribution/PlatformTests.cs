using System.Text;
using Sampan.Oci.Images;
using Sampan.Storage.Images;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>Images for several platforms under one name: pulled in part or whole, pushed, saved, loaded and removed.</summary>
public sealed class PlatformTests : RegistryTest
{
    private static readonly string s_ours = Platform.Current.Architecture;
    private static readonly string s_other = s_ours == "arm64" ? "amd64" : "arm64";

    private Descriptor Publish(string repository, string architecture, string content)
    {
        var layer = TestImage.Layer(content, 700 + content.Length);
        var config = TestImage.Config([layer], architecture);
        var blob = TestImage.Gzip(layer);
        Registry.AddBlob(repository, config);
        Registry.AddBlob(repository, blob);
        var manifest = TestImage.Manifest(config, [blob]);
        Registry.AddManifest(repository, architecture, manifest, MediaTypes.OciManifest);
        return TestImage.Describe(manifest, MediaTypes.OciManifest, $"linux/{architecture}");
    }

    private Descriptor PublishAttestation(string repository, Descriptor subject)
    {
        var statement = Encoding.UTF8.GetBytes("""{"_type":"https://in-toto.io/Statement/v0.1"}""");
        var config = TestImage.Config([statement], "unknown");
        Registry.AddBlob(repository, config);
        Registry.AddBlob(repository, statement);
        var manifest = TestImage.Manifest(config, [statement], "application/vnd.in-toto+json");
        Registry.AddManifest(repository, "attestation", manifest, MediaTypes.OciManifest);
        return TestImage.Describe(manifest, MediaTypes.OciManifest) with
        {
            Platform = new Platform { Os = "unknown", Architecture = "unknown" },
            Annotations = new Dictionary<string, string> { ["vnd.docker.reference.type"] = "attestation-manifest", ["vnd.docker.reference.digest"] = subject.Digest.ToString() },
        };
    }

    private byte[] PublishIndex(string repository, string tag)
    {
        var ours = Publish(repository, s_ours, "ours");
        var index = TestImage.Index(Publish(repository, s_other, "other"), ours, PublishAttestation(repository, ours));
        Registry.AddManifest(repository, tag, index, MediaTypes.OciIndex);
        return index;
    }

    private static Platform Other => new() { Os = "linux", Architecture = s_other };

    [Fact]
    public async Task A_pull_for_one_platform_keeps_the_index_and_says_what_is_not_here()
    {
        var index = PublishIndex("app", "v1");

        var pulled = await PullAsync("app:v1");

        pulled.Image.Indexes.Single().Digest.ShouldBe(Digest.Of(index));
        var members = Images.Members(pulled.Image.Id);
        members.Select(member => (member.Platform?.Architecture, member.IsComplete)).ShouldBe([(s_other, false), (s_ours, true), ("unknown", false)]);
        Images.Find(Digest.Of(index).ToString())?.Id.ShouldBe(pulled.Image.Id);
        Reopen();
        Images.Members(pulled.Image.Id).Select(member => member.IsComplete).ShouldBe([false, true, false]);
    }

    [Fact]
    public async Task All_platforms_come_with_their_attestations_and_the_name_means_this_machines()
    {
        PublishIndex("app", "v1");

        var pulled = await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });

        pulled.Image.Config.Architecture.ShouldBe(s_ours);
        pulled.IsNew.ShouldBeTrue();
        var members = Images.Members(pulled.Image.Id);
        members.ShouldAllBe(member => member.IsComplete);
        members.Single(member => member.IsAttestation).Attests.ShouldBe(members[1].Descriptor.Digest);
        Images.Find(Name("app:v1").ToString(), Other)?.Config.Architecture.ShouldBe(s_other);
        Images.List().Single(image => image.IsListed).Id.ShouldBe(pulled.Image.Id);
        Images.List().ShouldAllBe(image => !image.IsDangling);
        Reopen();
        Images.Members(pulled.Image.Id).ShouldAllBe(member => member.IsComplete);
        (await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true })).IsNew.ShouldBeFalse();
        (await Images.CheckAsync(false, _ => null, _ => { }, Ct)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_platform_pulled_later_joins_and_does_not_take_the_name()
    {
        PublishIndex("app", "v1");

        var ours = await PullAsync("app:v1");
        var other = await PullAsync("app:v1", pull: new PullOptions { Platform = Other });

        other.Image.Config.Architecture.ShouldBe(s_other);
        other.IsNew.ShouldBeTrue();
        Images.Find(Name("app:v1").ToString())?.Id.ShouldBe(ours.Image.Id);
        Images.Find(Name("app:v1").ToString(), Other)?.Id.ShouldBe(other.Image.Id);
        (await PullAsync("app:v1", pull: new PullOptions { Platform = Other })).IsNew.ShouldBeFalse();
    }

    [Fact]
    public async Task This_machines_image_takes_the_name_from_another_platforms_of_the_same_index()
    {
        PublishIndex("app", "v1");

        await PullAsync("app:v1", pull: new PullOptions { Platform = Other });
        var ours = await PullAsync("app:v1");

        Images.Find(Name("app:v1").ToString())?.Id.ShouldBe(ours.Image.Id);
        Images.List().Count.ShouldBe(2);
        Images.List().Count(image => image.IsListed).ShouldBe(1);
    }

    [Fact]
    public async Task A_whole_index_is_pushed_with_its_digest_and_every_manifest()
    {
        var index = PublishIndex("app", "v1");
        await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });
        Images.Tag(Name("app:v1").ToString(), Name("copy:v2"));

        var pushed = await Images.PushAsync(Client(), Name("copy:v2"), null, null, Ct);

        pushed.Digest.ShouldBe(Digest.Of(index));
        pushed.InsteadOf.ShouldBeNull();
        Registry.Manifests["copy:v2"].Content.ShouldBe(index);
        foreach (var member in Images.Members(Images.Find(Name("copy:v2").ToString())!.Id))
            Registry.Manifests.ShouldContainKey($"copy:{member.Descriptor.Digest}");
        // Nothing was sent that the registry could take from the other repository.
        Registry.Requests.ShouldNotContain(request => request.Method == "PATCH" || (request.Method == "PUT" && request.Path.Contains("/blobs/")));
    }

    [Fact]
    public async Task Of_an_index_that_is_not_all_here_one_image_is_pushed_and_that_is_told()
    {
        var index = PublishIndex("app", "v1");
        var pulled = await PullAsync("app:v1");
        Images.Tag(Name("app:v1").ToString(), Name("copy:v2"));

        var pushed = await Images.PushAsync(Client(), Name("copy:v2"), null, null, Ct);

        pushed.InsteadOf.ShouldNotBeNull().Digest.ShouldBe(Digest.Of(index));
        pushed.Digest.ShouldBe(pulled.Image.Manifest!.Digest);
        Registry.Manifests["copy:v2"].MediaType.ShouldBe(MediaTypes.OciManifest);
    }

    [Fact]
    public async Task An_index_whose_missing_platforms_are_at_the_registry_is_pushed()
    {
        var index = PublishIndex("app", "v1");
        await PullAsync("app:v1");
        Images.Tag(Name("app:v1").ToString(), Name("app:again"));

        var pushed = await Images.PushAsync(Client(), Name("app:again"), null, null, Ct);

        pushed.Digest.ShouldBe(Digest.Of(index));
        Registry.Manifests["app:again"].Content.ShouldBe(index);
    }

    [Fact]
    public async Task One_platform_of_several_is_pushed_if_that_is_asked_for()
    {
        PublishIndex("app", "v1");
        await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });
        Images.Tag(Name("app:v1").ToString(), Name("one:v1"));

        var pushed = await Images.PushAsync(Client(), Name("one:v1"), null, Other, null, Ct);

        pushed.Digest.ShouldBe(Images.Find(Name("app:v1").ToString(), Other)!.Manifest!.Digest);
        (await Should.ThrowAsync<StorageException>(() => Images.PushAsync(Client(), Name("one:v1"), null, new Platform { Os = "linux", Architecture = "s390x" }, null, Ct)))
            .Message.ShouldContain("is not here for linux/s390x");
    }

    [Fact]
    public async Task A_saved_index_is_loaded_whole_and_pushed_with_the_same_digest()
    {
        var index = PublishIndex("app", "v1");
        await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });
        using var archive = new MemoryStream();
        await Images.SaveAsync([Name("app:v1").ToString()], archive, Ct);
        Images.Remove(Name("app:v1").ToString(), force: true, noPrune: false, _ => null);
        Images.List().ShouldBeEmpty();

        archive.Position = 0;
        var loaded = await Images.LoadAsync(archive, null, Ct);

        var (image, names) = loaded.ShouldHaveSingleItem();
        names.ShouldBe([Name("app:v1")]);
        image.Config.Architecture.ShouldBe(s_ours);
        image.Indexes.Single().Digest.ShouldBe(Digest.Of(index));
        Images.Members(image.Id).ShouldAllBe(member => member.IsComplete);
        Images.Tag(Name("app:v1").ToString(), Name("elsewhere:v1"));
        (await Images.PushAsync(Client(), Name("elsewhere:v1"), null, null, Ct)).Digest.ShouldBe(Digest.Of(index));
    }

    [Fact]
    public async Task One_platform_is_saved_or_loaded_if_that_is_asked_for()
    {
        PublishIndex("app", "v1");
        await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });
        var name = Name("app:v1").ToString();
        using var whole = new MemoryStream();
        await Images.SaveAsync([name], whole, Ct);
        using var one = new MemoryStream();
        await Images.SaveAsync([name], [Other], one, Ct);
        one.Length.ShouldBeLessThan(whole.Length);
        Images.Remove(name, force: true, noPrune: false, _ => null);

        whole.Position = 0;
        (await Images.LoadAsync(whole, [Other], null, Ct)).Single().Image.Config.Architecture.ShouldBe(s_other);
        Images.List().Count.ShouldBe(1);
        Images.Remove(name, force: true, noPrune: false, _ => null);
        one.Position = 0;
        (await Images.LoadAsync(one, null, Ct)).Single().Image.Config.Architecture.ShouldBe(s_other);
        Images.Find(name)!.Config.Architecture.ShouldBe(s_other);
        whole.Position = 0;
        (await Should.ThrowAsync<StorageException>(() => Images.LoadAsync(whole, [new Platform { Os = "linux", Architecture = "s390x" }], null, Ct))).Message.ShouldContain("the archive has no image for linux/s390x");
    }

    [Fact]
    public async Task Several_platforms_are_saved_or_loaded_under_their_index()
    {
        PublishIndex("app", "v1");
        await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });
        var name = Name("app:v1").ToString();
        using var whole = new MemoryStream();
        await Images.SaveAsync([name], whole, Ct);
        using var both = new MemoryStream();
        await Images.SaveAsync([name], [Other, Platform.Current], both, Ct);
        (await Should.ThrowAsync<StorageException>(() => Images.SaveAsync([name], [Other, new Platform { Os = "linux", Architecture = "s390x" }], new MemoryStream(), Ct))).Kind.ShouldBe(StorageError.NotFound);

        foreach (var archive in new[] { whole, both })
        {
            Images.Remove(name, force: true, noPrune: false, _ => null);
            Images.List().ShouldBeEmpty();
            archive.Position = 0;
            await Images.LoadAsync(archive, [Other, Platform.Current], null, Ct);
            Images.Find(name, Other).ShouldNotBeNull().Config.Architecture.ShouldBe(s_other);
            Images.Find(name, Platform.Current).ShouldNotBeNull().Config.Architecture.ShouldBe(s_ours);
        }
    }

    [Fact]
    public async Task Statements_about_an_image_are_read_on_request()
    {
        PublishIndex("app", "v1");
        await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });
        var image = Images.Find(Name("app:v1").ToString(), Platform.Current).ShouldNotBeNull();
        var other = Images.Find(Name("app:v1").ToString(), Other).ShouldNotBeNull();

        Images.Statements(other.Id, content: true).ShouldBeEmpty();
        Images.Statements(image.Id, content: false).ShouldAllBe(statement => statement.Content == null);
    }

    [Fact]
    public async Task With_its_last_name_an_index_goes_with_all_platforms()
    {
        PublishIndex("app", "v1");
        await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });
        Images.Tag(Name("app:v1").ToString(), Name("app:v2"));

        Images.Remove(Name("app:v1").ToString(), force: false, noPrune: false, _ => null).Deleted.ShouldBeEmpty();
        Images.List().Count.ShouldBe(2);
        Images.Remove(Name("app:v2").ToString(), force: false, noPrune: false, _ => null);

        Images.List().ShouldBeEmpty();
        Directory.GetFiles(Path.Combine(DataRoot, "content", "blobs", "sha256")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_platform_that_a_container_uses_keeps_the_name_unless_forced_and_its_image_then()
    {
        PublishIndex("app", "v1");
        await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });
        var other = Images.Find(Name("app:v1").ToString(), Other)!;
        ImageUse? Use(ImageRecord image) => image.Siblings.Prepend(image.Id).Contains(other.Id) ? new ImageUse("c1", Running: true) : null;

        Should.Throw<StorageException>(() => Images.Remove(Name("app:v1").ToString(), force: false, noPrune: false, Use)).Kind.ShouldBe(StorageError.Conflict);
        Images.Remove(Name("app:v1").ToString(), force: true, noPrune: false, Use);

        Images.List().Select(image => image.Id).ShouldContain(other.Id);
        Images.Find(Name("app:v1").ToString()).ShouldBeNull();
    }

    [Fact]
    public async Task One_platform_is_removed_and_the_name_goes_on_meaning_the_others()
    {
        PublishIndex("app", "v1");
        await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });
        var name = Name("app:v1").ToString();
        var ours = Images.Find(name)!;

        Images.RemovePlatforms(name, [Platform.Current], force: false, _ => null).Deleted.ShouldBe([ours.Manifest!.Digest.ToString()]);

        Images.Find(name)!.Config.Architecture.ShouldBe(s_other);
        Images.Members(Images.Find(name)!.Id).Select(member => member.IsComplete).ShouldBe([true, false, true]);
        File.Exists(Path.Combine(DataRoot, "content", "blobs", "sha256", ours.Layers[0].Blob.Digest.Hex)).ShouldBeFalse();
        Should.Throw<StorageException>(() => Images.RemovePlatforms(name, [Other], force: true, _ => null)).Message.ShouldContain("it is the only one here");
        (await PullAsync("app:v1")).Image.Id.ShouldBe(ours.Id);
        Images.List().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_newer_index_leaves_the_old_ones_images_without_names()
    {
        PublishIndex("app", "v1");
        await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true });
        var newer = TestImage.Index(Publish("app", s_ours, "newer"));
        Registry.AddManifest("app", "v1", newer, MediaTypes.OciIndex);

        var pulled = await PullAsync("app:v1");

        Images.Find(Name("app:v1").ToString())!.Id.ShouldBe(pulled.Image.Id);
        // The name by the old digest still leads to them.
        Images.List().Count(image => image.RepoTags.Count == 0 && image.IsListed).ShouldBe(1);
    }

    [Fact]
    public async Task A_damaged_index_is_found_and_its_name_means_one_image_from_then_on()
    {
        var index = PublishIndex("app", "v1");
        var pulled = await PullAsync("app:v1");
        await File.WriteAllTextAsync(Path.Combine(DataRoot, "content", "blobs", "sha256", Digest.Of(index).Hex), "{}", Ct);
        Reopen();

        var check = await Images.CheckAsync(repair: true, _ => null, _ => { }, Ct);

        check.Findings.ShouldAllBe(finding => finding.IsRepaired);
        check.Findings.ShouldContain(finding => finding.Problem.Contains("index"));
        Images.Find(Name("app:v1").ToString())!.Id.ShouldBe(pulled.Image.Id);
        (await PullAsync("app:v1")).Image.Indexes.Single().Digest.ShouldBe(Digest.Of(index));
    }

    [Fact]
    public async Task An_index_with_a_blob_that_lies_leaves_nothing()
    {
        var ours = Publish("app", s_ours, "ours");
        var other = Publish("app", s_other, "other");
        var index = TestImage.Index(ours, other with { Size = other.Size + 1 });
        Registry.AddManifest("app", "v1", index, MediaTypes.OciIndex);

        await Should.ThrowAsync<Storage.Distribution.RegistryException>(() => PullAsync("app:v1", pull: new PullOptions { AllPlatforms = true }));

        Images.List().ShouldBeEmpty();
        Directory.GetFiles(Path.Combine(DataRoot, "content", "blobs", "sha256")).ShouldBeEmpty();
    }
}
