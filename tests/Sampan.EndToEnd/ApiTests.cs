using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The API as clients other than docker's use it: versions, headers, framing, waiting.</summary>
public sealed class ApiTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task Ping_tells_what_a_client_negotiates_with()
    {
        using var answer = await Daemon.Http.GetAsync("_ping");

        (await answer.Content.ReadAsStringAsync()).ShouldBe("OK");
        answer.Headers.GetValues("Api-Version").Single().ShouldMatch(@"^1\.\d\d$");
        answer.Headers.GetValues("Ostype").Single().ShouldBe("linux");
        answer.Headers.GetValues("Docker-Experimental").Single().ShouldBe("false");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();

        using var head = await Daemon.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "_ping"));
        ((int)head.StatusCode).ShouldBe(200);
        head.Headers.Contains("Api-Version").ShouldBeTrue();
    }

    [Theory]
    [InlineData("1.24")]
    [InlineData("1.30")]
    [InlineData("1.40")]
    [InlineData("1.41")]
    [InlineData("1.44")]
    [InlineData("1.47")]
    [InlineData("1.48")]
    public async Task Every_version_between_the_oldest_and_the_newest_answers(string version)
    {
        foreach (var path in new[] { "containers/json?all=1", "images/json", "info", "version", "networks", "volumes", "images/busybox/json" })
        {
            var answer = await Daemon.SendAsync(HttpMethod.Get, $"v{version}/{path}");
            answer.Status.ShouldBe(200, $"{path}: {answer.Body}");
        }
    }

    [Fact]
    public async Task The_newest_version_is_the_one_that_ping_names()
    {
        using var ping = await Daemon.Http.GetAsync("_ping");
        var newest = ping.Headers.GetValues("Api-Version").Single();
        var next = $"1.{int.Parse(newest.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture) + 1}";

        (await Daemon.SendAsync(HttpMethod.Get, $"v{newest}/info")).Status.ShouldBe(200);
        var tooNew = await Daemon.SendAsync(HttpMethod.Get, $"v{next}/info");
        tooNew.Status.ShouldBe(400);
        tooNew.Body.ShouldContain($"client version {next} is too new");
    }

    [Fact]
    public async Task An_old_client_gets_the_old_shape()
    {
        // Before 1.44 an image says VirtualSize, before 1.41 a container list has no such thing as a platform in create.
        using var old = JsonDocument.Parse((await Daemon.SendAsync(HttpMethod.Get, "v1.43/images/json")).Body);
        old.RootElement[0].TryGetProperty("VirtualSize", out _).ShouldBeTrue();
        using var today = JsonDocument.Parse((await Daemon.SendAsync(HttpMethod.Get, "v1.44/images/json")).Body);
        today.RootElement[0].TryGetProperty("VirtualSize", out _).ShouldBeFalse();

        // Since 1.52 what an image's configuration does not say is left out.
        using var empty = JsonDocument.Parse((await Daemon.SendAsync(HttpMethod.Get, "v1.51/images/busybox/json")).Body);
        using var absent = JsonDocument.Parse((await Daemon.SendAsync(HttpMethod.Get, "v1.52/images/busybox/json")).Body);
        foreach (var name in new[] { "User", "WorkingDir", "Entrypoint", "Labels", "OnBuild", "Volumes" })
        {
            empty.RootElement.GetProperty("Config").TryGetProperty(name, out _).ShouldBeTrue(name);
            absent.RootElement.GetProperty("Config").TryGetProperty(name, out _).ShouldBeFalse(name);
        }
    }

    [Fact]
    public async Task A_path_without_version_means_the_newest()
        => (await Daemon.SendAsync(HttpMethod.Get, "containers/json")).Status.ShouldBe(200);

    [Fact]
    public async Task Start_twice_is_304_and_stop_twice_too()
    {
        var id = await CreateAsync("""{"Image":"busybox","Cmd":["sleep","3600"]}""");

        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/start")).Status.ShouldBe(204);
        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/start")).Status.ShouldBe(304);
        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/stop?t=0")).Status.ShouldBe(204);
        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/stop?t=0")).Status.ShouldBe(304);
        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/kill")).Status.ShouldBe(409);
        (await Daemon.SendAsync(HttpMethod.Delete, $"containers/{id}")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task Removing_a_running_container_is_409_and_a_taken_name_too()
    {
        const string Image = "in-use:api";
        await LoadOwnAsync(Image);
        var id = await CreateAsync($$"""{"Image":"{{Image}}","Cmd":["sleep","3600"]}""", "?name=conflicting");
        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/start")).Status.ShouldBe(204);

        (await Daemon.SendAsync(HttpMethod.Delete, $"containers/{id}")).Status.ShouldBe(409);
        (await Daemon.SendAsync(HttpMethod.Post, "containers/create?name=conflicting", """{"Image":"busybox"}""")).Status.ShouldBe(409);
        (await Daemon.SendAsync(HttpMethod.Delete, $"images/{Image}")).Status.ShouldBe(409);
    }

    [Fact]
    public async Task Wait_answers_headers_at_once_and_the_code_at_the_end()
    {
        var id = await CreateAsync("""{"Image":"busybox","Cmd":["sh","-c","exit 11"]}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"v1.45/containers/{id}/wait?condition=next-exit");
        using var answer = await Daemon.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        ((int)answer.StatusCode).ShouldBe(200, "the headers say that the wait has begun");

        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/start")).Status.ShouldBe(204);

        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        body.RootElement.GetProperty("StatusCode").GetInt32().ShouldBe(11);
    }

    [Fact]
    public async Task Logs_come_in_frames_of_eight_bytes_and_their_payload()
    {
        var id = await CreateAsync("""{"Image":"busybox","Cmd":["sh","-c","echo out; echo error >&2"]}""");
        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/start")).Status.ShouldBe(204);
        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/wait")).Status.ShouldBe(200);

        using var answer = await Daemon.Http.GetAsync($"v1.45/containers/{id}/logs?stdout=1&stderr=1");
        var bytes = await answer.Content.ReadAsByteArrayAsync();

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/vnd.docker.multiplexed-stream");
        var frames = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 4, 4));
            bytes.AsSpan(at + 1, 3).ToArray().ShouldBe(new byte[3]);
            frames.Add($"{bytes[at]}:{Encoding.UTF8.GetString(bytes, at + 8, length)}");
            at += 8 + length;
        }

        frames.Order(StringComparer.Ordinal).ShouldBe(["1:out\n", "2:error\n"]);
        (await Daemon.SendAsync(HttpMethod.Get, $"containers/{id}/logs")).Status.ShouldBe(400, "neither stream was asked for");
    }

    [Fact]
    public async Task Attach_upgrades_the_connection()
    {
        var id = await CreateAsync("""{"Image":"busybox","Cmd":["cat"],"OpenStdin":true,"StdinOnce":true,"AttachStdin":true,"AttachStdout":true}""");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Daemon.Socket));
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1.45/containers/{id}/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n"));
        var buffer = new byte[4096];
        var head = "";
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(buffer);
            count.ShouldBePositive(head);
            head += Encoding.ASCII.GetString(buffer, 0, count);
        }

        head.ShouldStartWith("HTTP/1.1 101 ");
        head.ShouldContain("Upgrade: tcp", Case.Insensitive);

        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/start")).Status.ShouldBe(204);
        await socket.SendAsync("echoed\n"u8.ToArray());
        socket.Shutdown(SocketShutdown.Send);
        var received = new List<byte>();
        for (int count; (count = await socket.ReceiveAsync(buffer)) > 0;)
        {
            received.AddRange(buffer[..count]);
        }

        received.ShouldBe([1, 0, 0, 0, 0, 0, 0, 7, .. "echoed\n"u8.ToArray()]);
    }

    [Fact]
    public async Task Events_tell_the_life_of_a_container_in_order()
    {
        var since = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var id = await CreateAsync("""{"Image":"busybox","Cmd":["true"]}""");
        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/start")).Status.ShouldBe(204);
        (await Daemon.SendAsync(HttpMethod.Post, $"containers/{id}/wait")).Status.ShouldBe(200);
        (await Daemon.SendAsync(HttpMethod.Delete, $"containers/{id}")).Status.ShouldBe(204);
        var until = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1;

        var filters = Uri.EscapeDataString($$"""{"container":["{{id}}"],"type":["container"]}""");
        var answer = await Daemon.SendAsync(HttpMethod.Get, $"events?since={since}&until={until}&filters={filters}");

        answer.Status.ShouldBe(200);
        answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Action").GetString())
            .ShouldBe(["create", "start", "die", "destroy"]);
    }

    [Fact]
    public async Task Every_act_is_an_event()
    {
        var name = NewName("acts");
        // A filter goes by how any actor's name begins, as dockerd's does.
        var volume = $"of-{name}";
        var since = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        (await SleeperAsync(Clients.Docker, name, "--label", "acts=1", "-v", $"{volume}:/data")).ShouldNotBeEmpty();
        using var scratch = new Scratch();
        try
        {
            (await RunAsync(Clients.Docker, "top", name)).Succeeded();
            (await RunAsync(Clients.Docker, "cp", $"{name}:/etc/hostname", Path.Combine(scratch.Path, "hostname"))).Succeeded();
            (await RunAsync(Clients.Docker, "cp", Path.Combine(scratch.Path, "hostname"), $"{name}:/tmp/")).Succeeded();
            (await RunAsync(Clients.Docker, "kill", name)).Succeeded();
            (await RunAsync(Clients.Docker, "wait", name)).Succeeded();
            foreach (var kind in new[] { "container", "network", "volume", "image" })
            {
                (await RunAsync(Clients.Docker, kind, "prune", "-f", "--filter", "label=acts=none")).Succeeded();
            }

            (await RunAsync(Clients.Docker, "rm", name)).Succeeded();
        }
        finally
        {
            await RunAsync(Clients.Sampan, "rm", "-f", name);
            await RunAsync(Clients.Sampan, "volume", "rm", "-f", volume);
        }

        var until = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1;
        var container = await ActionsAsync($$"""{"container":["{{name}}"]}""");
        container.ShouldBe(["create", "start", "top", "archive-path", "extract-to-dir", "kill", "die", "destroy"]);
        (await ActionsAsync($$"""{"volume":["{{volume}}"]}""")).ShouldBe(["create", "mount", "unmount", "destroy"]);
        (await ActionsAsync("""{"event":["prune"]}""")).Count.ShouldBeGreaterThanOrEqualTo(4);

        async Task<IReadOnlyList<string?>> ActionsAsync(string filters)
        {
            var answer = await Daemon.SendAsync(HttpMethod.Get, $"events?since={since}&until={until}&filters={Uri.EscapeDataString(filters)}");
            return [.. answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Action").GetString())];
        }
    }

    private async Task<string> CreateAsync(string json, string query = "")
    {
        var answer = await Daemon.SendAsync(HttpMethod.Post, $"v1.45/containers/create{query}", json);
        answer.Status.ShouldBe(201, answer.Body);
        using var body = JsonDocument.Parse(answer.Body);
        return body.RootElement.GetProperty("Id").GetString()!;
    }
}
