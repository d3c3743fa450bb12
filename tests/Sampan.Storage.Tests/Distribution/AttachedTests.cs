using Sampan.Oci.Images;
using Sampan.Storage.Collection;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Attachments;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>Signatures and statements that travel with images.</summary>
public sealed class AttachedTests : RegistryTest
{
    private const string Signature = "application/vnd.example.signature";
    private const string Parts = "application/vnd.example.sbom";

    private readonly byte[] _image;
    private readonly byte[] _parts;
    private readonly byte[] _signature;
    private readonly byte[] _cosign;

    public AttachedTests()
    {
        _image = TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 100));
        _parts = TestImage.Attach(Registry, "app", Parts, "the parts"u8.ToArray(), _image);
        // About what is about the image.
        _signature = TestImage.Attach(Registry, "app", Signature, "signed: the parts"u8.ToArray(), _parts);
        _cosign = TestImage.Attach(Registry, "app", "application/vnd.example.cosign", "signed: the image"u8.ToArray(), null, Tag(_image) + ".sig");
        List("app", _image, (_parts, Parts));
        List("app", _parts, (_signature, Signature));
    }

    private static string Tag(byte[] subject) => $"sha256-{Digest.Of(subject).Hex}";

    // As clients keep it at registries that do not.
    private void List(string repository, byte[] subject, params (byte[] Manifest, string Kind)[] about) =>
        Registry.AddManifest(repository, Tag(subject), TestImage.Index([.. about.Select(one => TestImage.Describe(one.Manifest, MediaTypes.OciManifest) with { ArtifactType = one.Kind })]), MediaTypes.OciIndex);

    private Task<IReadOnlyList<AttachedManifest>> PullAttachedAsync(string name = "app:v1", IProgress<TransferProgress>? progress = null) => Images.PullAttachedAsync(Client(), Name(name), null, progress, Ct);

    private IEnumerable<Digest> Here(string name = "app:v1") => Images.AttachedTo(Name(name)).Attached.Select(attached => attached.Manifest.Digest);

    private bool IsStored(byte[] content) => File.Exists(Path.Combine(DataRoot, "content", "blobs", "sha256", Digest.Of(content).Hex));

    [Fact]
    public async Task What_is_attached_is_fetched_and_what_is_attached_to_that_and_cosigns_tags()
    {
        await PullAsync("app:v1");
        Here().ShouldBeEmpty();

        var found = await PullAttachedAsync();

        found.Select(attached => attached.Manifest.ArtifactType).ShouldBe([Parts, Signature, "application/vnd.example.cosign"], ignoreOrder: true);
        Images.AttachedTo(Name("app:v1")).Subject?.Digest.ShouldBe(Digest.Of(_image));
        Here().ShouldBe([Digest.Of(_parts), Digest.Of(_signature), Digest.Of(_cosign)], ignoreOrder: true);
        IsStored("the parts"u8.ToArray()).ShouldBeTrue();
    }

    [Fact]
    public async Task It_goes_on_to_another_repository_with_the_image()
    {
        await PullAsync("app:v1");
        await PullAttachedAsync();
        Images.Tag(Name("app:v1").ToString(), Name("copy:v2"));
        await Images.PushAsync(Client(), Name("copy:v2"), null, null, Ct);

        (await Images.PushAttachedAsync(Client(), Name("copy:v2"), null, null, Ct)).Count.ShouldBe(3);

        Registry.Manifests[$"copy:{Tag(_image)}.sig"].Content.ShouldBe(_cosign);
        Registry.Blobs[$"copy@{Digest.Of("the parts"u8.ToArray())}"].ShouldBe("the parts"u8.ToArray());
        (await Client().ReferrersAsync(Name("copy:v2"), null, null, Ct)).Referrers.Select(referrer => (referrer.ArtifactType, referrer.Digest)).ShouldBe([(Parts, Digest.Of(_parts)), ("application/vnd.example.cosign", Digest.Of(_cosign))]);
        Registry.Manifests.ContainsKey($"copy:{Digest.Of(_signature)}").ShouldBeTrue();
        // Once more changes nothing.
        (await Images.PushAttachedAsync(Client(), Name("copy:v2"), null, null, Ct)).Count.ShouldBe(3);
        (await Client().ReferrersAsync(Name("copy:v2"), null, null, Ct)).Referrers.Count.ShouldBe(2);
    }

    [Fact]
    public async Task It_is_not_sent_where_the_image_is_not()
    {
        await PullAsync("app:v1");
        await PullAttachedAsync();
        Images.Tag(Name("app:v1").ToString(), Name("copy:v2"));

        (await Images.PushAttachedAsync(Client(), Name("copy:v2"), null, null, Ct)).ShouldBeEmpty();

        Registry.Manifests.Keys.ShouldNotContain(key => key.StartsWith("copy:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_stays_over_restarts_and_collections_and_goes_with_the_image()
    {
        await PullAsync("app:v1");
        await PullAttachedAsync();

        Reopen();
        Images.DropPartialDownloads();

        Here().Count().ShouldBe(3);
        IsStored("signed: the parts"u8.ToArray()).ShouldBeTrue();
        Images.Ledger(_ => false).ShouldContain(line => line.Reason.Contains($"{Parts} attached to", StringComparison.Ordinal));
        Images.Ledger(_ => false).ShouldNotContain(line => line.Reason.Contains("no image refers", StringComparison.Ordinal));
        Images.Remove(Name("app:v1").ToString(), force: false, noPrune: false, _ => null);
        Directory.EnumerateFiles(Path.Combine(DataRoot, "content", "blobs", "sha256")).ShouldBeEmpty();
        Reopen();
        Images.List().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_listed_and_cannot_be_had_or_is_about_something_else_is_left_out_and_told()
    {
        var gone = TestImage.Attach(Registry, "elsewhere", Signature, "x"u8.ToArray(), _image);
        var stranger = TestImage.Attach(Registry, "app", Signature, "y"u8.ToArray(), _signature);
        List("app", _image, (gone, Signature), (stranger, Signature), (_parts, Parts));
        await PullAsync("app:v1");
        var steps = new StepList();

        (await PullAttachedAsync(progress: steps)).Count.ShouldBe(3);

        steps.Statuses.ShouldContain(line => line.Contains($"{Digest.Of(gone)}: it is listed, and not there", StringComparison.Ordinal));
        steps.Statuses.ShouldContain(line => line.Contains($"{Digest.Of(stranger)}: it is listed, and not about", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_blob_that_is_another_one_is_an_error_and_nothing_of_it_is_kept()
    {
        Registry.Blobs[$"app@{Digest.Of("the parts"u8.ToArray())}"] = "THE PARTS"u8.ToArray();
        await PullAsync("app:v1");

        (await Should.ThrowAsync<RegistryException>(() => PullAttachedAsync())).Message.ShouldContain("something else");

        Here().ShouldBeEmpty();
        IsStored(_parts).ShouldBeFalse();
        Images.Find(Name("app:v1").ToString()).ShouldNotBeNull();
    }

    [Fact]
    public async Task Chains_without_end_are_refused()
    {
        var last = _signature;
        for (var i = 0; i < 5; i++)
        {
            var next = TestImage.Attach(Registry, "app", Signature, [(byte)i], last);
            List("app", last, (next, Signature));
            last = next;
        }
        await PullAsync("app:v1");

        (await Should.ThrowAsync<StorageException>(() => PullAttachedAsync())).Message.ShouldContain("deep: refused");
        Here().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_index_that_is_attached_comes_with_all_that_is_in_it()
    {
        var part = TestImage.Attach(Registry, "app", Signature, "one of several"u8.ToArray(), null);
        var index = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
            new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.OciIndex, Manifests = [TestImage.Describe(part, MediaTypes.OciManifest)], Subject = TestImage.Describe(_image, MediaTypes.OciManifest) },
            OciImageJson.Plain.ImageIndex);
        Registry.AddManifest("app", Digest.Of(index).ToString(), index, MediaTypes.OciIndex);
        Registry.AddManifest("app", Tag(_image), TestImage.Index(TestImage.Describe(index, MediaTypes.OciIndex) with { ArtifactType = Signature }), MediaTypes.OciIndex);
        await PullAsync("app:v1");

        (await PullAttachedAsync()).ShouldContain(attached => attached.Manifest.Digest == Digest.Of(index));
        Reopen();
        IsStored("one of several"u8.ToArray()).ShouldBeTrue();
        Images.Tag(Name("app:v1").ToString(), Name("copy:v2"));
        await Images.PushAsync(Client(), Name("copy:v2"), null, null, Ct);
        await Images.PushAttachedAsync(Client(), Name("copy:v2"), null, null, Ct);

        Registry.Manifests[$"copy:{Digest.Of(index)}"].Content.ShouldBe(index);
        Registry.Manifests[$"copy:{Digest.Of(part)}"].Content.ShouldBe(part);
    }

    [Fact]
    public async Task A_check_finds_what_is_damaged_and_a_repair_lets_it_be_fetched_again()
    {
        await PullAsync("app:v1");
        await PullAttachedAsync();
        await File.WriteAllTextAsync(Path.Combine(DataRoot, "content", "blobs", "sha256", Digest.Of("the parts"u8.ToArray()).Hex), "no parts", Ct);

        var check = await Images.CheckAsync(repair: true, _ => null, _ => { }, Ct);

        check.Findings.ShouldContain(finding => finding.Kind == LedgerKind.Blob && finding.Id == Digest.Of(_parts).ToString() && finding.IsRepaired);
        Here().ShouldNotContain(Digest.Of(_parts));
        (await PullAttachedAsync()).Count.ShouldBe(3);
        (await Images.CheckAsync(repair: false, _ => null, _ => { }, Ct)).Findings.ShouldBeEmpty();
    }
}
