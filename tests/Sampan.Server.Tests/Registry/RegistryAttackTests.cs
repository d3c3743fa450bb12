using System.Net;
using System.Text;

namespace Sampan.Server.Tests.Registry;

/// <summary>What attackers send to registries.</summary>
public sealed class RegistryAttackTests : IAsyncLifetime
{
    private ServedRegistry _registry = null!;

    public async ValueTask InitializeAsync() => _registry = await ServedRegistry.StartAsync();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Theory]
    [InlineData("/v2/../../../../etc/passwd")]
    [InlineData("/v2/..%2f..%2f..%2fetc/manifests/passwd")]
    [InlineData("/v2/%2e%2e/%2e%2e/etc/manifests/passwd")]
    [InlineData("/v2/a/../../etc/blobs/passwd")]
    [InlineData("/v2/a/manifests/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/v2/a/blobs/sha256:..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/v2/a/blobs/uploads/..%2f..%2froot")]
    [InlineData("/v2/a/referrers/..%2f..")]
    [InlineData("/v2/a%00b/manifests/v1")]
    [InlineData("/v2/a/manifests/v1%0d%0aSet-Cookie:%20a=b")]
    public async Task No_path_leads_out_of_the_store(string target)
    {
        var answer = await _registry.SendRawAsync($"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 4");
        answer.ShouldNotContain("root:");
        answer.Split("\r\n\r\n")[0].ShouldNotContain("Set-Cookie");
    }

    [Fact]
    public async Task A_body_with_two_lengths_is_refused_and_nothing_behind_it_is_a_request()
    {
        var smuggled = "DELETE /v2/a/manifests/v1 HTTP/1.1\r\nHost: x\r\n\r\n";
        var answer = await _registry.SendRawAsync($"POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: {5 + smuggled.Length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}");

        answer.ShouldStartWith("HTTP/1.1 400");
        answer.Split("HTTP/1.1 ").Length.ShouldBe(2);
        _registry.Store.UploadCount.ShouldBe(0);
    }

    [Theory]
    [InlineData("Content-Length: 3\r\nContent-Length: 5\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n")]
    [InlineData("Transfer-Encoding : chunked\r\n")]
    [InlineData("X: a\rTransfer-Encoding: chunked\r\n")]
    public async Task Heads_that_others_may_read_otherwise_are_refused(string header) =>
        (await _registry.SendRawAsync($"POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\nabcde")).ShouldStartWith("HTTP/1.1 400");

    [Fact]
    public async Task What_a_client_says_of_the_host_does_not_come_back()
    {
        var answer = await _registry.SendRawAsync("POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 202");
        answer.ShouldNotContain("evil");
    }

    [Fact]
    public async Task The_type_of_a_manifest_brings_no_headers()
    {
        var manifest = Encoding.UTF8.GetBytes("""{"mediaType":"text/html\r\nSet-Cookie: a=b"}""");
        using var put = await _registry.SendAsync(HttpMethod.Put, "/v2/a/manifests/v1", manifest);

        await put.RefusedAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID");
    }

    [Fact]
    public async Task Blobs_are_no_pages()
    {
        var digest = await _registry.PushBlobAsync("a", "<script>alert(1)</script>"u8.ToArray());
        using var answer = await _registry.SendAsync(HttpMethod.Get, $"/v2/a/blobs/{digest}");

        answer.Content.Headers.ContentType.ShouldNotBeNull().ToString().ShouldBe("application/octet-stream");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
    }

    [Fact]
    public async Task A_blob_is_mounted_from_nowhere_if_nobody_says_from_where()
    {
        var digest = await _registry.PushBlobAsync("private", "a secret"u8.ToArray());
        using var answer = await _registry.SendAsync(HttpMethod.Post, $"/v2/mine/blobs/uploads/?mount={digest}", []);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        using var look = await _registry.SendAsync(HttpMethod.Head, $"/v2/mine/blobs/{digest}");
        look.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Garbled_requests_end_nothing()
    {
        var random = new Random(20260103);
        var whole = Encoding.Latin1.GetBytes("PATCH /v2/team/app/blobs/uploads/00000000-0000-0000-0000-000000000000?digest=sha256:00 HTTP/1.1\r\nHost: x\r\nContent-Range: 0-4\r\nContent-Length: 5\r\n\r\nabcde");
        for (var i = 0; i < 200; i++)
        {
            var bytes = whole.ToArray();
            for (var n = random.Next(1, 8); n > 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                var answer = await _registry.SendRawAsync(Encoding.Latin1.GetString(bytes), isAll: true);
                answer.ShouldNotContain("HTTP/1.1 500");
            }
            catch (IOException)
            {
                // The connection was closed at once.
            }
        }
        using var alive = await _registry.SendAsync(HttpMethod.Get, "/v2/");
        alive.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
