using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Registry;

/// <summary>Pull: manifests and blobs, whole and in parts.</summary>
public sealed class RegistryPullTests(RegistryUnderTest registry) : RegistryTest(registry)
{
    [Fact, Spec("spec.md#determining-support")]
    public Task A_registry_says_that_it_is_one() => ConformsAsync(async () =>
    {
        using var answer = await GetAsync("/v2/");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    });

    [Fact, Spec("spec.md#pulling-manifests")]
    public Task A_manifest_comes_by_tag_and_by_digest_byte_for_byte() => ConformsAsync(async () =>
    {
        var manifest = await PushImageAsync("v1");
        foreach (var reference in new[] { "v1", DigestOf(manifest) })
        {
            using var answer = await SendAsync(HttpMethod.Get, $"/v2/{Repository}/manifests/{reference}", header: ("Accept", ImageManifest));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(manifest);
            Header(answer, "Docker-Content-Digest").ShouldBe(DigestOf(manifest));
            answer.Content.Headers.ContentType.ShouldNotBeNull().ToString().ShouldBe(ImageManifest);
        }
    });

    [Fact, Spec("spec.md#checking-if-content-exists-in-the-registry")]
    public Task Head_tells_digest_and_size_and_has_no_body() => ConformsAsync(async () =>
    {
        var manifest = await PushImageAsync("v1");
        var blob = await PushBlobAsync("some bytes"u8.ToArray());
        foreach (var (address, digest, size) in new[] { ($"manifests/v1", DigestOf(manifest), manifest.Length), ($"blobs/{blob}", blob, 10) })
        {
            using var answer = await SendAsync(HttpMethod.Head, $"/v2/{Repository}/{address}", header: ("Accept", ImageManifest));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            Header(answer, "Docker-Content-Digest").ShouldBe(digest);
            answer.Content.Headers.ContentLength.ShouldBe(size);
            (await answer.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        }
    });

    [Fact, Spec("spec.md#pulling-manifests")]
    public Task A_manifest_that_is_not_there_is_unknown() => ConformsAsync(async () =>
    {
        await PushImageAsync("v1");
        using var byTag = await GetAsync($"/v2/{Repository}/manifests/v2");
        await RefusedAsync(byTag, [HttpStatusCode.NotFound], "MANIFEST_UNKNOWN");
        using var elsewhere = await GetAsync($"/v2/{Repository}-not/manifests/v1");
        await RefusedAsync(elsewhere, [HttpStatusCode.NotFound], "MANIFEST_UNKNOWN", "NAME_UNKNOWN");
        using var head = await SendAsync(HttpMethod.Head, $"/v2/{Repository}/manifests/v2");
        head.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    });

    [Fact, Spec("spec.md#pulling-blobs")]
    public Task A_blob_comes_whole() => ConformsAsync(async () =>
    {
        var content = RandomNumberGenerator.GetBytes(300_000);
        var digest = await PushBlobAsync(content);
        using var answer = await GetAsync($"/v2/{Repository}/blobs/{digest}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(answer, "Docker-Content-Digest").ShouldBe(digest);
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(content);
    });

    [Theory, Spec("spec.md#pulling-blobs")]
    [InlineData("bytes=10-19", 10, 10)]
    [InlineData("bytes=90-", 90, 10)]
    [InlineData("bytes=-5", 95, 5)]
    [InlineData("bytes=50-1000", 50, 50)]
    public Task A_part_of_a_blob_is_what_was_asked_for(string range, int first, int length) => ConformsAsync(async () =>
    {
        var content = RandomNumberGenerator.GetBytes(100);
        var digest = await PushBlobAsync(content);
        using var answer = await SendAsync(HttpMethod.Get, $"/v2/{Repository}/blobs/{digest}", header: ("Range", range));
        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        answer.Content.Headers.ContentRange.ShouldNotBeNull().ToString().ShouldBe($"bytes {first}-{first + length - 1}/100");
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(content.AsSpan(first, length).ToArray());
    });

    [Fact, Spec("spec.md#pulling-blobs")]
    public Task Bytes_behind_the_end_are_not_satisfiable() => ConformsAsync(async () =>
    {
        var digest = await PushBlobAsync(RandomNumberGenerator.GetBytes(100));
        using var answer = await SendAsync(HttpMethod.Get, $"/v2/{Repository}/blobs/{digest}", header: ("Range", "bytes=100-"));
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
    });

    [Fact, Spec("spec.md#pulling-blobs")]
    public Task A_blob_of_another_repository_is_unknown_in_this_one() => ConformsAsync(async () =>
    {
        var digest = await PushBlobAsync(Encoding.UTF8.GetBytes($"mine alone {Guid.NewGuid()}"), Repository + "/other");
        using var answer = await GetAsync($"/v2/{Repository}/blobs/{digest}");
        await RefusedAsync(answer, [HttpStatusCode.NotFound], "BLOB_UNKNOWN");
    });

    [Theory, Spec("spec.md#pulling-manifests")]
    [InlineData("UPPER/case")]
    [InlineData("a//b")]
    [InlineData("-dash")]
    [InlineData("a/.hidden")]
    [InlineData("a/_under")]
    public Task A_name_that_breaks_the_grammar_is_refused(string name) => ConformsAsync(async () =>
    {
        using var answer = await GetAsync($"/v2/{name}/manifests/v1");
        ((int)answer.StatusCode).ShouldBeInRange(300, 499);
        answer.StatusCode.ShouldNotBe(HttpStatusCode.OK);
    });
}
