using System.Net;
using System.Net.Sockets;
using System.Text;
using Sampan.Storage.Registry;

namespace Sampan.Server.Tests.Registry;

/// <summary>What the specification leaves to the registry: limits, modes, uploads that break off.</summary>
public sealed class RegistryServerTests
{
    [Fact]
    public async Task What_arrived_before_a_connection_broke_stays_and_the_upload_goes_on()
    {
        await using var registry = await ServedRegistry.StartAsync();
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("0123456789", 1000)));
        using var begun = await registry.SendAsync(HttpMethod.Post, "/v2/app/blobs/uploads/", []);
        var address = begun.Headers.Location.ShouldNotBeNull().ToString();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, registry.Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"PATCH {address} HTTP/1.1\r\nHost: x\r\nContent-Range: 0-9999\r\nContent-Length: 10000\r\n\r\n"));
            await stream.WriteAsync(content.AsMemory(0, 4000));
            var upload = registry.Store.FindUpload(Name("app"), null, address[(address.LastIndexOf('/') + 1)..]).ShouldNotBeNull();
            await HoldsAsync(() => upload.Length == 4000);
        }

        using var rest = await registry.SendAsync(HttpMethod.Patch, address, content[4000..], header: ("Content-Range", "4000-9999"));
        rest.StatusCode.ShouldBe(HttpStatusCode.Accepted, await rest.Content.ReadAsStringAsync());
        using var put = await registry.SendAsync(HttpMethod.Put, $"{address}?digest={ServedRegistry.DigestOf(content)}", []);
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var pulled = await registry.SendAsync(HttpMethod.Get, $"/v2/app/blobs/{ServedRegistry.DigestOf(content)}");
        (await pulled.Content.ReadAsByteArrayAsync()).ShouldBe(content);
    }

    [Theory]
    [InlineData("0-3")]
    [InlineData("0-5")]
    [InlineData("5-0")]
    [InlineData("0")]
    [InlineData("bytes 0-4/5")]
    [InlineData("-1-3")]
    public async Task A_range_that_is_not_the_bodys_is_refused(string range)
    {
        await using var registry = await ServedRegistry.StartAsync();
        using var begun = await registry.SendAsync(HttpMethod.Post, "/v2/app/blobs/uploads/", []);
        using var patch = await registry.SendAsync(HttpMethod.Patch, begun.Headers.Location.ShouldNotBeNull().ToString(), [1, 2, 3, 4, 5], header: ("Content-Range", range));

        await patch.RefusedAsync(HttpStatusCode.BadRequest, "SIZE_INVALID");
    }

    [Fact]
    public async Task A_body_without_a_length_must_be_as_long_as_its_range()
    {
        await using var registry = await ServedRegistry.StartAsync();
        using var begun = await registry.SendAsync(HttpMethod.Post, "/v2/app/blobs/uploads/", []);
        var address = begun.Headers.Location.ShouldNotBeNull().ToString();
        foreach (var chunk in new[] { "3\r\nabc\r\n0\r\n\r\n", "8\r\nabcdefgh\r\n0\r\n\r\n" })
        {
            var answer = await registry.SendRawAsync($"PATCH {address} HTTP/1.1\r\nHost: x\r\nContent-Range: 0-4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{chunk}");
            answer.ShouldStartWith("HTTP/1.1 400");
        }

        using var status = await registry.SendAsync(HttpMethod.Get, address);
        status.Headers.GetValues("Range").ShouldBe(["0-0"]);
        using var put = await registry.SendAsync(HttpMethod.Put, $"{address}?digest={ServedRegistry.DigestOf("right"u8.ToArray())}", "right"u8.ToArray());
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_blob_that_is_too_large_is_refused()
    {
        await using var registry = await ServedRegistry.StartAsync(limits: limits => limits with { BlobMaxBytes = 2000 });

        using var told = await registry.SendAsync(HttpMethod.Post, $"/v2/app/blobs/uploads/?digest={ServedRegistry.DigestOf([1])}", new byte[2001]);
        await told.RefusedAsync(HttpStatusCode.BadRequest, "SIZE_INVALID");
        registry.Store.UploadCount.ShouldBe(0);
        var answer = await registry.SendRawAsync($"POST /v2/app/blobs/uploads/?digest={ServedRegistry.DigestOf([1])} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n800\r\n{new string('x', 0x800)}\r\n0\r\n\r\n");
        answer.ShouldStartWith("HTTP/1.1 400");
        registry.Store.UploadCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_read_only_registry_gives_and_takes_nothing()
    {
        await using var registry = await ServedRegistry.StartAsync(options => options with { IsReadOnly = true });
        using var push = await registry.SendAsync(HttpMethod.Post, "/v2/app/blobs/uploads/", []);
        await push.RefusedAsync(HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        using var put = await registry.SendAsync(HttpMethod.Put, "/v2/app/manifests/v1", []);
        await put.RefusedAsync(HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        using var delete = await registry.SendAsync(HttpMethod.Delete, "/v2/app/manifests/v1");
        await delete.RefusedAsync(HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        using var ping = await registry.SendAsync(HttpMethod.Get, "/v2/");
        ping.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Deletions_can_be_switched_off()
    {
        await using var registry = await ServedRegistry.StartAsync(options => options with { AllowsDeletes = false });
        var digest = await registry.PushBlobAsync("app", [1, 2, 3]);
        using var delete = await registry.SendAsync(HttpMethod.Delete, $"/v2/app/blobs/{digest}");
        await delete.RefusedAsync(HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
    }

    [Fact]
    public async Task Too_many_requests_at_a_time_are_told_to_come_back()
    {
        await using var registry = await ServedRegistry.StartAsync(options => options with { MaxRequests = 1 });
        using var begun = await registry.SendAsync(HttpMethod.Post, "/v2/app/blobs/uploads/", []);
        var address = begun.Headers.Location.ShouldNotBeNull().ToString();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, registry.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"PATCH {address} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345"));
        var upload = registry.Store.FindUpload(Name("app"), null, address[(address.LastIndexOf('/') + 1)..]).ShouldNotBeNull();
        await HoldsAsync(() => upload.Length == 5);

        using var second = await registry.SendAsync(HttpMethod.Get, "/v2/");

        second.Headers.RetryAfter.ShouldNotBeNull();
        await second.RefusedAsync(HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
    }

    [Fact]
    public async Task An_unchanged_blob_or_manifest_need_not_be_sent_again()
    {
        await using var registry = await ServedRegistry.StartAsync();
        var digest = await registry.PushBlobAsync("app", [1, 2, 3]);
        using var answer = await registry.SendAsync(HttpMethod.Get, $"/v2/app/blobs/{digest}", header: ("If-None-Match", $"\"{digest}\""));
        answer.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("/v2/_catalog?n=-1")]
    [InlineData("/v2/_catalog?n=x")]
    [InlineData("/v2/app/tags/list?n=1.5")]
    public async Task A_number_that_is_none_is_refused(string path)
    {
        await using var registry = await ServedRegistry.StartAsync();
        await registry.PushBlobAsync("app", [1]);
        using var answer = await registry.SendAsync(HttpMethod.Get, path);
        await answer.RefusedAsync(HttpStatusCode.BadRequest, "UNSUPPORTED");
    }

    private static RepositoryName Name(string text) => RepositoryName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    private static async Task HoldsAsync(Func<bool> condition)
    {
        for (var deadline = DateTime.UtcNow.AddMinutes(1); !condition(); await Task.Delay(10))
            DateTime.UtcNow.ShouldBeLessThan(deadline);
    }
}
