using System.Net;
using System.Security.Cryptography;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The registry of our own, without an engine: killed, on a full disk, collecting while it serves.</summary>
public sealed class RegistryCrashTests
{
    [Fact]
    public async Task A_killed_registry_has_what_it_had_and_an_upload_goes_on()
    {
        using var scratch = new Scratch();
        var root = Path.Combine(scratch.Path, "root");
        var (before, content) = (RandomNumberGenerator.GetBytes(1000), RandomNumberGenerator.GetBytes(300_000));
        string upload;
        await using (var registry = await OwnRegistry.StartAsync("--root", root))
        {
            (await SendAsync(registry, HttpMethod.Post, $"/v2/app/blobs/uploads/?digest={DigestOf(before)}", before)).Status.ShouldBe(HttpStatusCode.Created);
            upload = (await SendAsync(registry, HttpMethod.Post, "/v2/app/blobs/uploads/", [])).Location;
            (await SendAsync(registry, HttpMethod.Patch, upload, content[..200_000])).Status.ShouldBe(HttpStatusCode.Accepted);
            await registry.CrashAsync();
        }

        await using var again = await OwnRegistry.StartAsync("--root", root);
        (await SendAsync(again, HttpMethod.Head, $"/v2/app/blobs/{DigestOf(before)}")).Status.ShouldBe(HttpStatusCode.OK);
        var status = await SendAsync(again, HttpMethod.Get, upload);
        status.Status.ShouldBe(HttpStatusCode.NoContent);
        status.Range.ShouldBe("0-199999");
        (await SendAsync(again, HttpMethod.Put, $"{upload}?digest={DigestOf(content)}", content[200_000..])).Status.ShouldBe(HttpStatusCode.Created);
        (await SendAsync(again, HttpMethod.Get, $"/v2/app/blobs/{DigestOf(content)}")).Body.ShouldBe(content);
    }

    [Fact]
    public async Task On_a_full_disk_a_push_is_refused_and_keeps_nothing()
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("mounting a small disk needs root");
        }

        using var scratch = new Scratch();
        var root = Path.Combine(scratch.Path, "root");
        Directory.CreateDirectory(root);
        (await Shell.RunAsync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "sampan-registry", root])).Succeeded();
        try
        {
            await using var registry = await OwnRegistry.StartAsync("--root", root);
            var (small, large) = (RandomNumberGenerator.GetBytes(100_000), RandomNumberGenerator.GetBytes(1_200_000));
            (await SendAsync(registry, HttpMethod.Post, $"/v2/app/blobs/uploads/?digest={DigestOf(small)}", small)).Status.ShouldBe(HttpStatusCode.Created);
            var upload = (await SendAsync(registry, HttpMethod.Post, "/v2/app/blobs/uploads/", [])).Location;

            (await SendAsync(registry, HttpMethod.Put, $"{upload}?digest={DigestOf(large)}", large)).Status.ShouldBe(HttpStatusCode.InsufficientStorage);

            Directory.EnumerateFiles(Path.Combine(root, "uploads")).ShouldBeEmpty();
            (await SendAsync(registry, HttpMethod.Get, $"/v2/app/blobs/{DigestOf(small)}")).Body.ShouldBe(small);
            small[0] ^= 1;
            (await SendAsync(registry, HttpMethod.Post, $"/v2/app/blobs/uploads/?digest={DigestOf(small)}", small)).Status.ShouldBe(HttpStatusCode.Created);
        }
        finally
        {
            (await Shell.RunAsync("umount", [root])).Succeeded();
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1s")]
    public async Task A_registry_that_serves_collects_garbage_at_a_signal_or_at_its_interval(string? interval)
    {
        using var scratch = new Scratch();
        var (root, settings) = (Path.Combine(scratch.Path, "root"), Path.Combine(scratch.Path, "registry.json"));
        await File.WriteAllTextAsync(settings, $$"""{"gc":{"grace":"0s"{{(interval is null ? "" : $",\"interval\":\"{interval}\"")}} } }""");
        await using var registry = await OwnRegistry.StartAsync("--root", root, "--config", settings);
        using var http = new HttpClient();
        var digest = DigestOf("nobody's"u8.ToArray());
        using var pushed = await http.PostAsync(new Uri($"http://{registry.Host}/v2/app/blobs/uploads/?digest={digest}"), new ByteArrayContent("nobody's"u8.ToArray()));
        ((int)pushed.StatusCode).ShouldBe(201);

        if (interval is null)
        {
            (await Shell.ShAsync($"kill -USR1 {registry.Pid}")).Succeeded();
        }

        await Eventually.HoldsAsync("the blob is collected", () => !Directory.EnumerateFiles(Path.Combine(root, "blobs"), "*", SearchOption.AllDirectories).Any());
        using var alive = await http.GetAsync(new Uri($"http://{registry.Host}/v2/"));
        alive.IsSuccessStatusCode.ShouldBeTrue();
    }

    private static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private static async Task<(HttpStatusCode Status, string Location, string Range, byte[] Body)> SendAsync(OwnRegistry registry, HttpMethod method, string path, byte[]? body = null)
    {
        using var http = new HttpClient { Timeout = Shell.Patience };
        using var request = new HttpRequestMessage(method, new Uri(new Uri($"http://{registry.Host}"), path));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
        }

        using var answer = await http.SendAsync(request);
        var range = answer.Headers.TryGetValues("Range", out var values) ? values.First() : "";
        return (answer.StatusCode, answer.Headers.Location?.ToString() ?? "", range, await answer.Content.ReadAsByteArrayAsync());
    }
}
