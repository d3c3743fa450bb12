using System.Text;
using Sampan.Oci.Images;
using Sampan.Storage.Distribution;

namespace Sampan.Storage.Tests.Distribution;

public sealed class BadRegistryTests : RegistryTest
{
    private static readonly byte[] s_layer = TestImage.Layer("a", 300_000);
    private static readonly byte[] s_blob = TestImage.Gzip(s_layer);
    private static readonly string s_blobPath = $"/v2/app/blobs/{Digest.Of(s_blob)}";

    [Fact]
    public async Task A_manifest_whose_bytes_have_another_digest_is_refused()
    {
        var manifest = TestImage.Publish(Registry, "app", "v1", s_layer);
        Registry.Intercept = request => request.Path.Contains("/manifests/", StringComparison.Ordinal) ? Registry.Answer(request) with { Body = [.. manifest, (byte)' '] } : null;

        (await PullBadAsync("app:v1")).Message.ShouldContain("sent something else as manifest");
        (await PullBadAsync($"app@{Digest.Of(manifest)}")).Message.ShouldContain("sent something else as manifest");
    }

    [Fact]
    public async Task A_layer_with_other_bytes_is_refused_and_not_kept()
    {
        TestImage.Publish(Registry, "app", "v1", s_layer);
        var other = s_blob.ToArray();
        other[^1] ^= 1;
        Registry.Intercept = request => request.Path == s_blobPath ? new TestAnswer(200, other) : null;

        (await PullBadAsync("app:v1")).Message.ShouldContain($"sent something else as layer '{Digest.Of(s_blob)}'");
    }

    [Fact]
    public async Task A_layer_of_another_size_is_refused_before_it_is_fetched()
    {
        TestImage.Publish(Registry, "app", "v1", s_layer);
        Registry.Intercept = request => request.Path == s_blobPath ? new TestAnswer(200, [.. s_blob, 0]) : null;

        (await PullBadAsync("app:v1")).Message.ShouldContain($"it has {s_blob.Length + 1} bytes, the manifest says {s_blob.Length}");
    }

    [Fact]
    public async Task An_answer_with_the_wrong_part_is_refused()
    {
        TestImage.Publish(Registry, "app", "v1", s_layer);
        Registry.Intercept = request => request.Path == s_blobPath ? new TestAnswer(206, s_blob).With("Content-Range", $"bytes 5-{s_blob.Length + 4}/{s_blob.Length + 5}") : null;

        (await PullBadAsync("app:v1")).Message.ShouldContain("is not what its manifest says");
    }

    [Theory]
    [InlineData("sha256:zz", "7")]
    [InlineData("", "7")]
    [InlineData("sha512:0", "7")]
    [InlineData(null, "-1")]
    [InlineData(null, "9223372036854775807")]
    [InlineData(null, "1e300")]
    public async Task CVE_2021_21285_a_descriptor_that_is_none_is_refused(string? digest, string size)
    {
        var config = TestImage.Config([s_layer]);
        Registry.AddBlob("app", config);
        Registry.AddBlob("app", s_blob);
        var json = Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
             "config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Digest.Of(config)}}","size":{{config.Length}}},
             "layers":[{"mediaType":"{{MediaTypes.OciLayerGzip}}","digest":"{{digest ?? Digest.Of(s_blob).ToString()}}","size":{{size}}}]}
            """);
        Registry.AddManifest("app", "v1", json, MediaTypes.OciManifest);

        await PullBadAsync("app:v1");
    }

    [Fact]
    public async Task A_configuration_of_a_hundred_megabytes_is_refused_without_fetching_it()
    {
        var config = TestImage.Config([s_layer]);
        var json = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Digest.Of(config)}}","size":104857600},"layers":[]}""");
        Registry.AddManifest("app", "v1", json, MediaTypes.OciManifest);

        (await PullBadAsync("app:v1")).Message.ShouldContain("more than the 8388608 allowed");
        Registry.RequestsFor("GET", "/blobs/").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1000L)]
    public async Task A_manifest_without_end_is_refused_at_the_limit(long? claimed)
    {
        Registry.Intercept = request => request.Path.Contains("/manifests/", StringComparison.Ordinal)
            ? new TestAnswer(200, new byte[9 * 1024 * 1024]) { ClaimedLength = claimed is null ? null : 100_000_000_000 } : null;

        (await PullBadAsync("app:v1")).Message.ShouldBe($"registry '{Registry.Host}' answered with a document of more than 8388608 bytes: refused");
    }

    [Fact]
    public async Task Schema_1_is_refused_with_what_to_do()
    {
        Registry.AddManifest("app", "v1", """{"schemaVersion":1,"name":"app","tag":"v1","fsLayers":[],"history":[],"signatures":[]}"""u8.ToArray(), "application/vnd.docker.distribution.manifest.v1+prettyjws");

        var failure = await PullBadAsync("app:v1");

        failure.ShouldBeOfType<RegistryException>().Kind.ShouldBe(StorageError.NotSupported);
        failure.Message.ShouldContain("manifest schema 1");
        failure.Message.ShouldContain("push it again");
    }

    [Fact]
    public async Task A_media_type_that_contradicts_the_document_is_refused()
    {
        var manifest = TestImage.Publish(Registry, "app", "v1", s_layer);
        Registry.AddManifest("app", "v1", manifest, MediaTypes.OciIndex);
        (await PullBadAsync("app:v1")).Message.ShouldContain("the document itself says");

        // CVE-2021-41190: one document that is both.
        var both = Encoding.UTF8.GetBytes(TestImage.Text(manifest)[..^1] + ""","manifests":[]}""");
        Registry.AddManifest("app", "v1", both, MediaTypes.OciManifest);
        (await PullBadAsync("app:v1")).Message.ShouldContain("'manifests'");
    }

    [Fact]
    public async Task An_artifact_is_no_image()
    {
        Registry.AddBlob("app", "{}"u8.ToArray());
        var json = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{{Digest.Of("{}"u8)}}","size":2},"layers":[]}""");
        Registry.AddManifest("app", "v1", json, MediaTypes.OciManifest);

        (await PullBadAsync("app:v1")).Message.ShouldContain("is no container image: its configuration is 'application/vnd.cncf.helm.config.v1+json'");
    }

    [Fact]
    public async Task Indexes_in_indexes_end_at_the_limit()
    {
        var inner = TestImage.Index(TestImage.Describe(TestImage.Publish(Registry, "app", "real", s_layer), MediaTypes.OciManifest));
        for (var depth = 0; depth < 10; depth++)
        {
            Registry.AddManifest("app", "v1", inner, MediaTypes.OciIndex);
            inner = TestImage.Index(TestImage.Describe(inner, MediaTypes.OciIndex));
        }

        (await PullBadAsync("app:v1")).Message.ShouldContain("nested more than 4 deep");
    }

    [Fact]
    public async Task An_index_of_very_many_manifests_is_refused()
    {
        var manifest = TestImage.Describe(TestImage.Publish(Registry, "app", "real", s_layer), MediaTypes.OciManifest, "linux/s390x");
        Registry.AddManifest("app", "v1", TestImage.Index([.. Enumerable.Repeat(manifest, 1001)]), MediaTypes.OciIndex);

        (await PullBadAsync("app:v1")).Message.ShouldContain("names 1001 manifests");
    }

    [Fact]
    public async Task A_size_in_an_index_that_the_manifest_does_not_have_is_refused()
    {
        var manifest = TestImage.Describe(TestImage.Publish(Registry, "app", "real", s_layer), MediaTypes.OciManifest);
        Registry.AddManifest("app", "v1", TestImage.Index(manifest with { Size = manifest.Size + 1 }), MediaTypes.OciIndex);

        (await PullBadAsync("app:v1")).Message.ShouldContain($"the index says {manifest.Size + 1}");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("\"manifest\"")]
    public async Task What_is_no_manifest_is_told_in_one_line(string text)
    {
        Registry.AddManifest("app", "v1", Encoding.UTF8.GetBytes(text), MediaTypes.OciManifest);

        (await PullBadAsync("app:v1")).Message.ShouldContain("no JSON where manifest");
    }

    [Fact]
    public async Task A_page_of_html_is_told_as_such()
    {
        Registry.Intercept = _ => new TestAnswer(200, "<html><body>please log in</body></html>"u8.ToArray()).With("Content-Type", "text/html; charset=utf-8");

        (await PullBadAsync("app:v1")).Message.ShouldContain("a page of HTML");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task A_broken_registry_is_tried_a_few_times_and_its_html_is_not_shown(int status)
    {
        Registry.Intercept = _ => new TestAnswer(status, "<html>\n<b>Sorry</b></html>"u8.ToArray()).With("Content-Type", "text/html");

        var failure = await PullBadAsync("app:v1");

        failure.Message.ShouldBe($"registry '{Registry.Host}' refused: {status} Test");
        Registry.RequestsFor("GET", "/manifests/").Count().ShouldBe(3);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        Registry.Intercept = request => new TestAnswer(307).With("Location", request.Target);

        (await PullBadAsync("app:v1")).Message.ShouldBe($"registry '{Registry.Host}' redirects more than 10 times: refused");
    }

    [Theory]
    [InlineData("ftp://example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://")]
    public async Task A_redirect_to_nowhere_is_refused(string location)
    {
        Registry.Intercept = _ => new TestAnswer(302).With("Location", location);

        (await PullBadAsync("app:v1")).Message.ShouldContain("redirects to nowhere");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    public async Task A_registry_that_stalls_is_given_up(int after)
    {
        TestImage.Publish(Registry, "app", "v1", s_layer);
        Registry.Intercept = request => request.Path == s_blobPath ? Registry.Answer(request) with { StallAfter = after } : null;

        var failure = await PullBadAsync("app:v1", Hasty with { StallTimeout = TimeSpan.FromMilliseconds(800), MaxAttempts = 1 }, keepsPart: true);

        failure.Message.ShouldBe($"registry '{Registry.Host}' sent and took nothing for 0.8 s");
    }

    [Fact]
    public async Task A_registry_that_hangs_up_is_given_up()
    {
        Registry.Intercept = _ => new TestAnswer(0) { HangUp = true };

        (await PullBadAsync("app:v1")).Message.ShouldContain($"registry '{Registry.Host}'");
    }

    [Fact]
    public async Task A_layer_whose_content_is_not_the_configurations_is_refused_and_not_kept()
    {
        TestImage.Publish(Registry, "app", "v1", s_layer);
        var config = TestImage.Config([TestImage.Layer("b", 10)]);
        Registry.AddBlob("app", config);
        Registry.AddManifest("app", "v1", TestImage.Manifest(config, [s_blob]), MediaTypes.OciManifest);

        (await PullBadAsync("app:v1")).Message.ShouldContain("wrong digest");
    }

    [Fact]
    public async Task Bytes_behind_the_archives_end_count_for_the_digest_and_give_no_file()
    {
        var layer = TestImage.Layer("a", 300);
        byte[] longer = [.. layer, .. TestImage.Layer("smuggled", 400)];
        TestImage.Publish(Registry, "app", "whole", longer);

        var pulled = await PullAsync("app:whole");

        pulled.Image.DiffIds.Single().ShouldBe(Digest.Of(longer));
        Directory.EnumerateFiles(Path.Combine(DataRoot, "layers"), "*", SearchOption.AllDirectories).Select(Path.GetFileName).ShouldNotContain("smuggled");
        Images.Remove(pulled.Image.Id.ToString(), force: true, noPrune: false, _ => null);
        // The same blob under the digest of what is before the end.
        var (config, blob) = (TestImage.Config([layer]), TestImage.Gzip(longer));
        Registry.AddBlob("app", config);
        Registry.AddManifest("app", "lie", TestImage.Manifest(config, [blob]), MediaTypes.OciManifest);
        (await PullBadAsync("app:lie")).Message.ShouldContain("wrong digest");
    }

    [Fact]
    public async Task What_a_registry_writes_is_cleaned_before_a_terminal_sees_it()
    {
        Registry.Intercept = _ => TestAnswer.Json(403, """{"errors":[{"code":"DENIED","message":"a\u001b[2J\nb"}]}""");

        (await PullBadAsync("app:v1")).Message.ShouldBe($"registry '{Registry.Host}' refused: denied: a [2J b");
    }
}
