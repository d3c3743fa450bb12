using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Storage.Distribution;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>Signatures and statements attached to images, at registries that list them and at those that do not.</summary>
public sealed class ReferrerTests : RegistryTest
{
    private const string Signature = "application/vnd.example.signature";
    private const string Parts = "application/vnd.example.sbom";

    private readonly byte[] _image;
    private readonly string _list;

    public ReferrerTests()
    {
        _image = TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 100));
        _list = $"/v2/app/referrers/{Digest.Of(_image)}";
    }

    private static Descriptor Attached(string kind) => TestImage.Describe(System.Text.Encoding.UTF8.GetBytes(kind), MediaTypes.OciManifest) with { ArtifactType = kind };

    private Task<(Descriptor Subject, IReadOnlyList<Descriptor> Referrers)> ListAsync(string? kind = null) => Client().ReferrersAsync(Name("app:v1"), kind, null, Ct);

    [Fact]
    public async Task A_registrys_list_is_read_over_several_pages()
    {
        Registry.Intercept = request => request.Target switch
        {
            var target when target == _list => new TestAnswer(200, TestImage.Index(Attached(Signature))).With("Content-Type", MediaTypes.OciIndex).With("Link", $"<{_list}?page=2>; rel=\"next\""),
            var target when target == _list + "?page=2" => new TestAnswer(200, TestImage.Index(Attached(Parts))),
            _ => null,
        };

        var (subject, referrers) = await ListAsync();

        subject.Digest.ShouldBe(Digest.Of(_image));
        referrers.Select(referrer => referrer.ArtifactType).ShouldBe([Signature, Parts]);
    }

    [Fact]
    public async Task A_filter_counts_also_if_the_registry_does_not_apply_it()
    {
        Registry.Intercept = request => request.Path == _list ? new TestAnswer(200, TestImage.Index(Attached(Signature), Attached(Parts))) : null;

        (await ListAsync(Parts)).Referrers.Single().ArtifactType.ShouldBe(Parts);
        Registry.Requests.ShouldContain(request => request.Target == $"{_list}?artifactType={Uri.EscapeDataString(Parts)}");
    }

    [Fact]
    public async Task A_registry_without_the_list_is_asked_for_the_tag()
    {
        (await ListAsync()).Referrers.ShouldBeEmpty();

        Registry.AddManifest("app", $"sha256-{Digest.Of(_image).Hex}", TestImage.Index(Attached(Signature)), MediaTypes.OciIndex);

        (await ListAsync()).Referrers.Single().ArtifactType.ShouldBe(Signature);
    }

    [Theory]
    [InlineData("<html>busy</html>")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"sha256:xyz","size":1}]}""")]
    [InlineData("""{"schemaVersion":2,"manifests":7}""")]
    [InlineData("")]
    public async Task CVE_2026_95839_a_list_that_is_none_is_told_as_that(string answer)
    {
        Registry.Intercept = request => request.Path == _list ? new TestAnswer(200, System.Text.Encoding.UTF8.GetBytes(answer)) : null;

        (await Should.ThrowAsync<RegistryException>(() => ListAsync())).Message.ShouldStartWith($"registry '{Registry.Host}' answered no index where its list of referrers should be");
    }

    [Fact]
    public async Task Pages_without_end_are_refused()
    {
        var page = 0;
        Registry.Intercept = request => request.Path == _list ? new TestAnswer(200, TestImage.Index()).With("Link", $"<{_list}?page={++page}>; rel=\"next\"") : null;

        (await Should.ThrowAsync<RegistryException>(() => ListAsync())).Message.ShouldContain("lists more than");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pushed_manifest_that_is_about_another_is_listed_with_that_whoever_keeps_the_list(bool registryKeepsIt)
    {
        var config = TestImage.Config([TestImage.Layer("b", 50)]);
        var blob = TestImage.Gzip(TestImage.Layer("b", 50));
        var manifest = JsonSerializer.Deserialize(TestImage.Manifest(config, [blob]), OciImageJson.Plain.ImageManifest)! with { Subject = TestImage.Describe(_image, MediaTypes.OciManifest) };
        var content = JsonSerializer.SerializeToUtf8Bytes(manifest, OciImageJson.Plain.ImageManifest);
        Registry.AddBlob("other", config);
        Registry.AddBlob("other", blob);
        Registry.AddManifest("other", "v1", content, MediaTypes.OciManifest);
        await PullAsync("other:v1");
        Images.Tag(Name("other:v1").ToString(), Name("app:derived"));
        Registry.Intercept = request => registryKeepsIt && request.Method == "PUT" && request.Path.Contains("/manifests/", StringComparison.Ordinal) ? Registry.Answer(request).With("OCI-Subject", Digest.Of(_image).ToString()) : null;

        await Images.PushAsync(Client(), Name("app:derived"), null, null, Ct);

        Registry.Manifests.ContainsKey($"app:sha256-{Digest.Of(_image).Hex}").ShouldBe(!registryKeepsIt);
        if (!registryKeepsIt)
            (await ListAsync()).Referrers.Single().Digest.ShouldBe(Digest.Of(content));
    }
}
