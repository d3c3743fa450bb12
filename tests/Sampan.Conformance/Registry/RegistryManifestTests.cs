using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Registry;

/// <summary>Push of manifests, tags, deletions.</summary>
public sealed class RegistryManifestTests(RegistryUnderTest registry) : RegistryTest(registry)
{
    [Fact, Spec("spec.md#pushing-manifests")]
    public Task A_manifest_is_stored_as_it_is_and_told_by_its_digest() => ConformsAsync(async () =>
    {
        var manifest = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(await ManifestAsync()).Replace(",", " ,\n\t"));
        using var put = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/v1", manifest, ImageManifest);
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
        Header(put, "Docker-Content-Digest").ShouldBe(DigestOf(manifest));
        using var pulled = await SendAsync(HttpMethod.Get, Location(put), header: ("Accept", ImageManifest));
        (await pulled.Content.ReadAsByteArrayAsync()).ShouldBe(manifest);
    });

    [Fact, Spec("spec.md#pushing-manifests")]
    public Task An_index_lists_manifests_that_are_there() => ConformsAsync(async () =>
    {
        var manifest = await PushImageAsync("");
        var index = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{ImageIndex}}","manifests":[{{Descriptor(ImageManifest, manifest)}}]}""");
        using var put = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/all", index, ImageIndex);
        put.StatusCode.ShouldBe(HttpStatusCode.Created, await put.Content.ReadAsStringAsync());
        using var pulled = await SendAsync(HttpMethod.Get, $"/v2/{Repository}/manifests/all", header: ("Accept", ImageIndex));
        (await pulled.Content.ReadAsByteArrayAsync()).ShouldBe(index);
        pulled.Content.Headers.ContentType.ShouldNotBeNull().ToString().ShouldBe(ImageIndex);
    });

    [Fact, Spec("spec.md#push")]
    public Task A_manifest_whose_blobs_are_not_there_is_refused_with_that_code() => ConformsAsync(async () =>
    {
        await PushImageAsync("v1");
        var manifest = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{ImageManifest}}","config":{{Descriptor("application/vnd.oci.image.config.v1+json", RandomNumberGenerator.GetBytes(10))}},"layers":[]}""");
        using var put = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/v2", manifest, ImageManifest);
        await RefusedAsync(put, [HttpStatusCode.NotFound, HttpStatusCode.BadRequest], "MANIFEST_BLOB_UNKNOWN");
    });

    [Fact, Spec("spec.md#pushing-manifests")]
    public Task A_manifest_under_another_digest_is_refused() => ConformsAsync(async () =>
    {
        using var put = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/{DigestOf([1])}", await ManifestAsync(), ImageManifest);
        await RefusedAsync(put, [HttpStatusCode.BadRequest], "DIGEST_INVALID");
    });

    [Theory, Spec("spec.md#pushing-manifests")]
    [InlineData("no json at all")]
    [InlineData("[]")]
    public Task What_is_no_manifest_is_refused(string text) => ConformsAsync(async () =>
    {
        using var put = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/v1", Encoding.UTF8.GetBytes(text), ImageManifest);
        await RefusedAsync(put, [HttpStatusCode.BadRequest], "MANIFEST_INVALID");
    });

    [Fact, Spec("spec.md#pushing-manifests")]
    public Task A_manifest_of_four_megabytes_is_taken_and_a_huge_one_refused() => ConformsAsync(async () =>
    {
        var text = Encoding.UTF8.GetString(await ManifestAsync())[..^1] + ",\"annotations\":{\"pad\":\"";
        var large = Encoding.UTF8.GetBytes(text.PadRight((4 * 1024 * 1024) - 3, 'x') + "\"}}");
        using var taken = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/large", large, ImageManifest);
        taken.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var huge = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/huge", Encoding.UTF8.GetBytes(text.PadRight(5 * 1024 * 1024, 'x') + "\"}}"), ImageManifest);
        huge.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    });

    [Fact, Spec("spec.md#pushing-manifests")]
    public Task Several_tags_come_with_one_push_by_digest() => ConformsAsync(async () =>
    {
        var manifest = await ManifestAsync();
        using var put = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/{DigestOf(manifest)}?tag=1&tag=1.2&tag=latest", manifest, ImageManifest);
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
        Header(put, "OCI-Tag").ShouldNotBeNull().Split(',', StringSplitOptions.TrimEntries).ShouldBe(["1", "1.2", "latest"]);
        using var pulled = await SendAsync(HttpMethod.Head, $"/v2/{Repository}/manifests/1.2", header: ("Accept", ImageManifest));
        pulled.StatusCode.ShouldBe(HttpStatusCode.OK);
    });

    [Fact, Spec("spec.md#listing-tags")]
    public Task Tags_are_listed_in_order_and_in_pages() => ConformsAsync(async () =>
    {
        foreach (var tag in new[] { "c", "a", "d", "b" })
            await PushImageAsync(tag);
        (await TagsAsync("")).ShouldBe(["a", "b", "c", "d"]);
        (await TagsAsync("?n=2")).ShouldBe(["a", "b"]);
        (await TagsAsync("?n=2&last=b")).ShouldBe(["c", "d"]);
        (await TagsAsync("?last=c")).ShouldBe(["d"]);
        (await TagsAsync("?n=100")).ShouldBe(["a", "b", "c", "d"]);
    });

    [Fact, Spec("spec.md#listing-tags")]
    public Task A_link_leads_to_the_next_page() => ConformsAsync(async () =>
    {
        foreach (var tag in new[] { "a", "b", "c" })
            await PushImageAsync(tag);
        using var first = await GetAsync($"/v2/{Repository}/tags/list?n=2");
        var link = Header(first, "Link").ShouldNotBeNull();
        link.ShouldContain("rel=\"next\"");
        using var second = await GetAsync(link.Split('<', '>')[1]);
        (await JsonAsync(second)).GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()).ShouldBe(["c"]);
        Header(second, "Link").ShouldBeNull();
    });

    [Fact, Spec("spec.md#listing-tags")]
    public Task No_tags_are_asked_for_and_none_are_given() => ConformsAsync(async () =>
    {
        await PushImageAsync("a");
        using var none = await GetAsync($"/v2/{Repository}/tags/list?n=0");
        none.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await JsonAsync(none)).GetProperty("tags").GetArrayLength().ShouldBe(0);
        Header(none, "Link").ShouldBeNull();
    });

    [Fact, Spec("spec.md#listing-tags")]
    public Task Tags_of_a_repository_that_is_not_there_are_unknown() => ConformsAsync(async () =>
    {
        using var answer = await GetAsync($"/v2/{Repository}/tags/list");
        await RefusedAsync(answer, [HttpStatusCode.NotFound], "NAME_UNKNOWN");
    });

    [Fact, Spec("spec.md#deleting-tags")]
    public Task A_deleted_tag_is_gone_and_its_manifest_stays() => ConformsAsync(async () =>
    {
        var manifest = await PushImageAsync("v1");
        using var deleted = await SendAsync(HttpMethod.Delete, $"/v2/{Repository}/manifests/v1");
        deleted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        using var byTag = await GetAsync($"/v2/{Repository}/manifests/v1");
        byTag.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var byDigest = await SendAsync(HttpMethod.Get, $"/v2/{Repository}/manifests/{DigestOf(manifest)}", header: ("Accept", ImageManifest));
        byDigest.StatusCode.ShouldBe(HttpStatusCode.OK);
    });

    [Fact, Spec("spec.md#deleting-manifests")]
    public Task A_deleted_manifest_is_gone_with_its_tags() => ConformsAsync(async () =>
    {
        var manifest = await PushImageAsync("v1");
        using var deleted = await SendAsync(HttpMethod.Delete, $"/v2/{Repository}/manifests/{DigestOf(manifest)}");
        deleted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        foreach (var reference in new[] { "v1", DigestOf(manifest) })
        {
            using var answer = await GetAsync($"/v2/{Repository}/manifests/{reference}");
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
        using var again = await SendAsync(HttpMethod.Delete, $"/v2/{Repository}/manifests/{DigestOf(manifest)}");
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    });

    [Fact, Spec("spec.md#deleting-blobs")]
    public Task A_deleted_blob_is_gone() => ConformsAsync(async () =>
    {
        var digest = await PushBlobAsync(RandomNumberGenerator.GetBytes(20));
        using var deleted = await SendAsync(HttpMethod.Delete, $"/v2/{Repository}/blobs/{digest}");
        deleted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        using var head = await SendAsync(HttpMethod.Head, $"/v2/{Repository}/blobs/{digest}");
        head.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var again = await SendAsync(HttpMethod.Delete, $"/v2/{Repository}/blobs/{digest}");
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    });

    [Fact, Spec("docker-registry-api#listing-repositories")]
    public Task The_catalog_has_the_repositories_in_pages() => ConformsAsync(async () =>
    {
        await PushBlobAsync([1], Repository + "/a");
        await PushImageAsync("v1");
        using var page = await GetAsync($"/v2/_catalog?n=1&last={Uri.EscapeDataString(Repository[..^1])}");
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await JsonAsync(page)).GetProperty("repositories").GetArrayLength().ShouldBe(1);
        using var all = await GetAsync("/v2/_catalog?n=1000");
        (await JsonAsync(all)).GetProperty("repositories").EnumerateArray().Select(name => name.GetString()).ShouldContain(Repository);
    });

    private async Task<IReadOnlyList<string?>> TagsAsync(string query)
    {
        using var answer = await GetAsync($"/v2/{Repository}/tags/list{query}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var list = await JsonAsync(answer);
        list.GetProperty("name").GetString().ShouldBe(Repository);
        return [.. list.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString())];
    }
}
