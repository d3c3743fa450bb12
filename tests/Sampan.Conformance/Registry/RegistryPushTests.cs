using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Registry;

/// <summary>Push: blobs in every way, and mounts.</summary>
public sealed class RegistryPushTests(RegistryUnderTest registry) : RegistryTest(registry)
{
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(1000);

    private string Digest => DigestOf(_content);

    [Fact, Spec("spec.md#post-then-put")]
    public Task A_blob_goes_by_post_and_put() => ConformsAsync(async () =>
    {
        var address = await UploadAddressAsync();
        using var put = await SendAsync(HttpMethod.Put, With(address, $"digest={Digest}"), _content, "application/octet-stream");
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var pulled = await GetAsync(Location(put));
        (await pulled.Content.ReadAsByteArrayAsync()).ShouldBe(_content);
    });

    [Fact, Spec("spec.md#single-post")]
    public Task A_blob_goes_by_one_post_or_the_way_is_told() => ConformsAsync(async () =>
    {
        using var post = await SendAsync(HttpMethod.Post, $"/v2/{Repository}/blobs/uploads/?digest={Digest}", _content, "application/octet-stream");
        post.StatusCode.ShouldBeOneOf(HttpStatusCode.Created, HttpStatusCode.Accepted);
        var blob = Location(post);
        if (post.StatusCode == HttpStatusCode.Accepted)
        {
            using var put = await SendAsync(HttpMethod.Put, With(blob, $"digest={Digest}"), _content, "application/octet-stream");
            blob = Location(put);
        }
        using var pulled = await GetAsync(blob);
        (await pulled.Content.ReadAsByteArrayAsync()).ShouldBe(_content);
    });

    [Fact, Spec("spec.md#pushing-a-blob-in-chunks")]
    public Task A_blob_goes_in_pieces_the_last_with_the_closing_put() => ConformsAsync(async () =>
    {
        var address = await UploadAddressAsync();
        foreach (var first in new[] { 0, 400 })
        {
            using var patch = await SendAsync(HttpMethod.Patch, address, _content[first..(first + 400)], "application/octet-stream", $"{first}-{first + 399}");
            patch.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            Header(patch, "Range").ShouldBe($"0-{first + 399}");
            address = Location(patch);
        }
        using var put = await SendAsync(HttpMethod.Put, With(address, $"digest={Digest}"), _content[800..], "application/octet-stream", "800-999");
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var pulled = await GetAsync($"/v2/{Repository}/blobs/{Digest}");
        (await pulled.Content.ReadAsByteArrayAsync()).ShouldBe(_content);
    });

    [Fact, Spec("spec.md#pushing-a-blob-in-chunks")]
    public Task A_blob_goes_in_one_stream_and_an_empty_put() => ConformsAsync(async () =>
    {
        using var patch = await SendAsync(HttpMethod.Patch, await UploadAddressAsync(), _content, "application/octet-stream");
        patch.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        using var put = await SendAsync(HttpMethod.Put, With(Location(patch), $"digest={Digest}"), []);
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
    });

    [Fact, Spec("spec.md#pushing-a-blob-in-chunks")]
    public Task A_piece_out_of_order_is_refused_and_the_upload_goes_on() => ConformsAsync(async () =>
    {
        using var patch = await SendAsync(HttpMethod.Patch, await UploadAddressAsync(), _content[..400], "application/octet-stream", "0-399");
        using var wrong = await SendAsync(HttpMethod.Patch, Location(patch), _content[800..], "application/octet-stream", "800-999");
        wrong.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        using var status = await GetAsync(Location(patch));
        status.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        Header(status, "Range").ShouldBe("0-399");
        using var put = await SendAsync(HttpMethod.Put, With(Location(status), $"digest={Digest}"), _content[400..], "application/octet-stream", "400-999");
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
    });

    [Fact, Spec("spec.md#pushing-a-blob-in-chunks")]
    public Task The_last_piece_out_of_order_is_refused() => ConformsAsync(async () =>
    {
        using var patch = await SendAsync(HttpMethod.Patch, await UploadAddressAsync(), _content[..400], "application/octet-stream", "0-399");
        using var put = await SendAsync(HttpMethod.Put, With(Location(patch), $"digest={Digest}"), _content[800..], "application/octet-stream", "800-999");
        put.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
    });

    [Fact, Spec("spec.md#cancel-a-blob-upload")]
    public Task An_upload_can_be_cancelled() => ConformsAsync(async () =>
    {
        var address = await UploadAddressAsync();
        using var cancelled = await SendAsync(HttpMethod.Delete, address);
        cancelled.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var status = await GetAsync(address);
        await RefusedAsync(status, [HttpStatusCode.NotFound], "BLOB_UPLOAD_UNKNOWN");
    });

    [Fact, Spec("spec.md#pushing-blobs")]
    public Task A_wrong_digest_is_refused_and_nothing_is_stored() => ConformsAsync(async () =>
    {
        var other = DigestOf([1, 2, 3, .. _content]);
        using var put = await SendAsync(HttpMethod.Put, With(await UploadAddressAsync(), $"digest={other}"), _content, "application/octet-stream");
        await RefusedAsync(put, [HttpStatusCode.BadRequest], "DIGEST_INVALID");
        foreach (var digest in new[] { other, Digest })
        {
            using var head = await SendAsync(HttpMethod.Head, $"/v2/{Repository}/blobs/{digest}");
            head.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    });

    [Theory, Spec("spec.md#pushing-blobs")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha256:short")]
    [InlineData("nothing")]
    public Task An_invalid_digest_is_refused(string digest) => ConformsAsync(async () =>
    {
        using var put = await SendAsync(HttpMethod.Put, With(await UploadAddressAsync(), $"digest={digest}"), _content, "application/octet-stream");
        await RefusedAsync(put, [HttpStatusCode.BadRequest], "DIGEST_INVALID");
    });

    [Fact, Spec("spec.md#pushing-a-blob-in-chunks")]
    public Task Sha512_is_an_algorithm_like_others() => ConformsAsync(async () =>
    {
        var digest = "sha512:" + Convert.ToHexStringLower(SHA512.HashData(_content));
        using var begun = await SendAsync(HttpMethod.Post, $"/v2/{Repository}/blobs/uploads/?digest-algorithm=sha512", []);
        using var put = await SendAsync(HttpMethod.Put, With(Location(begun), $"digest={digest}"), _content, "application/octet-stream");
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var pulled = await GetAsync($"/v2/{Repository}/blobs/{digest}");
        (await pulled.Content.ReadAsByteArrayAsync()).ShouldBe(_content);
    });

    [Fact, Spec("spec.md#mounting-a-blob-from-another-repository")]
    public Task A_blob_is_mounted_from_another_repository() => ConformsAsync(async () =>
    {
        await PushBlobAsync(_content, Repository + "/from");
        using var mounted = await SendAsync(HttpMethod.Post, $"/v2/{Repository}/blobs/uploads/?mount={Digest}&from={Repository}/from", []);
        mounted.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var pulled = await GetAsync(Location(mounted));
        (await pulled.Content.ReadAsByteArrayAsync()).ShouldBe(_content);
    });

    [Theory, Spec("spec.md#mounting-a-blob-from-another-repository")]
    [InlineData(true)]
    [InlineData(false)]
    public Task What_cannot_be_mounted_begins_an_upload(bool isElsewhere) => ConformsAsync(async () =>
    {
        var unknown = DigestOf(Encoding.UTF8.GetBytes($"nowhere {Guid.NewGuid()}"));
        using var refused = await SendAsync(HttpMethod.Post, $"/v2/{Repository}/blobs/uploads/?mount={unknown}{(isElsewhere ? $"&from={Repository}/from" : "")}", []);
        refused.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        using var put = await SendAsync(HttpMethod.Put, With(Location(refused), $"digest={Digest}"), _content, "application/octet-stream");
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
    });
}
