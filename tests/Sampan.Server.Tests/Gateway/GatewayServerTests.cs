using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sampan.Server.Tests.Gateway;

public sealed class GatewayServerTests
{
    [Fact]
    public async Task Hosts_and_paths_lead_to_services_and_nowhere_is_404()
    {
        await using var gateway = await ServedGateway.StartAsync();
        await using var shop = RawService.Named("shop");
        await using var api = RawService.Named("api");
        await gateway.AddAsync("shop", shop, ("host", "shop.example.org"));
        await gateway.AddAsync("api", api, ("host", "shop.example.org"), ("path", "/api"), ("strip", "true"));

        (await gateway.BodyAsync("Shop.Example.ORG.:8080", "/x")).ShouldBe("shop");
        (await gateway.BodyAsync("shop.example.org", "/api/items?q=a%20b&c")).ShouldBe("api");
        (await gateway.BodyAsync("shop.example.org", "/api")).ShouldBe("api");
        (await gateway.GetAsync("other.example.org", "/")).ShouldStartWith("HTTP/1.1 404");

        api.Heads.TryDequeue(out var first).ShouldBeTrue();
        first.ShouldStartWith("GET /items?q=a%20b&c HTTP/1.1\r\n");
        first.ShouldContain("Host: shop.example.org\r\n");
        first.ShouldContain("X-Forwarded-For: 127.0.0.1\r\n");
        first.ShouldContain("X-Forwarded-Proto: http\r\n");
        first.ShouldContain("X-Forwarded-Prefix: /api\r\n");
        api.Heads.TryDequeue(out var second).ShouldBeTrue();
        second.ShouldStartWith("GET / HTTP/1.1\r\n");
    }

    [Fact]
    public async Task Containers_of_one_service_share_the_requests_and_come_and_go()
    {
        await using var gateway = await ServedGateway.StartAsync();
        await using var one = RawService.Named("one");
        await using var two = RawService.Named("two");
        var first = ServedGateway.Container("web-1", one, ("sampan.service", "web"), ("path", "/"));
        var second = ServedGateway.Container("web-2", two, ("sampan.service", "web"), ("path", "/")) with { Health = "health: starting" };
        await gateway.Engine.AddAsync(first);
        await gateway.Engine.AddAsync(second);
        (await AnswersAsync(gateway)).ShouldBe(["one"]);
        await gateway.Engine.ChangeAsync(c => c.Replace(second, second with { Health = "healthy" }), "health_status: healthy", second);
        (await AnswersAsync(gateway)).ShouldBe(["one", "two"]);
        await gateway.Engine.ChangeAsync(c => c, "drain", first);
        (await AnswersAsync(gateway)).ShouldBe(["two"]);
        await gateway.Engine.ChangeAsync(c => c.Remove(first), "die", first);
        (await AnswersAsync(gateway)).ShouldBe(["two"]);
        await gateway.Engine.ChangeAsync(c => c.Add(first), "start", first); // it registers again, under the same name
        (await AnswersAsync(gateway)).ShouldBe(["one", "two"]);
        await gateway.Engine.ChangeAsync(c => c.Clear().Add(first with { Health = "unhealthy" }), "health_status: unhealthy", first);
        (await gateway.GetAsync("x", "/")).ShouldStartWith("HTTP/1.1 503");
    }

    [Fact]
    public async Task A_container_that_cannot_be_reached_is_left_out_and_another_asked()
    {
        await using var gateway = await ServedGateway.StartAsync();
        var gone = RawService.Named("gone");
        await using var there = RawService.Named("there");
        await gateway.AddAsync("web-1", gone, ("sampan.service", "web"), ("path", "/"));
        await gateway.AddAsync("web-2", there, ("sampan.service", "web"), ("path", "/"));
        await gone.DisposeAsync();

        for (var i = 0; i < 20; i++)
            (await gateway.SendRawAsync("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc")).ShouldStartWith("HTTP/1.1 200");

        await there.DisposeAsync();
        (await gateway.GetAsync("x", "/")).ShouldStartWith("HTTP/1.1 502");
    }

    [Theory]
    [InlineData("GET", "HTTP/1.1 200")]
    [InlineData("DELETE", "HTTP/1.1 200")]
    [InlineData("POST", "HTTP/1.1 502")]
    public async Task A_request_that_broke_off_is_repeated_only_if_that_does_no_harm(string method, string answer)
    {
        await using var gateway = await ServedGateway.StartAsync();
        var broken = false;
        await using var service = new RawService((_, stream) =>
        {
            if (broken)
                return RawService.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            broken = true;
            return Task.CompletedTask; // closed without a word
        });
        await using var other = new RawService((_, stream) =>
        {
            if (broken)
                return RawService.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            broken = true;
            return Task.CompletedTask;
        });
        await gateway.AddAsync("web-1", service, ("sampan.service", "web"), ("path", "/"));
        await gateway.AddAsync("web-2", other, ("sampan.service", "web"), ("path", "/"));
        (await gateway.GetAsync("x", "/", "Content-Length: 0\r\n", method)).ShouldStartWith(answer);
    }

    [Fact]
    public async Task Bodies_stream_as_they_come()
    {
        await using var gateway = await ServedGateway.StartAsync();
        var arrived = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = new RawService(async (head, stream) =>
        {
            await RawService.ReadUntilAsync(stream, "\r\n");
            arrived.SetResult(head + await RawService.ReadUntilAsync(stream, "\r\n"));
            await RawService.ReadUntilAsync(stream, "0\r\n\r\n");
            await RawService.WriteAsync(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Kept: yes\r\nKeep-Alive: timeout=5\r\n\r\n3\r\none\r\n");
            await seen.Task;
            await RawService.WriteAsync(stream, "3\r\ntwo\r\n0\r\n\r\n");
        });
        await gateway.AddAsync("echo", service, ("path", "/"));

        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Port);
        await using var stream = client.GetStream();
        await RawService.WriteAsync(stream, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");

        // The first part is there before the second is sent, on the way there and back.
        (await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60))).ShouldEndWith("\r\n\r\nfirst\r\n");
        await RawService.WriteAsync(stream, "6\r\nsecond\r\n0\r\n\r\n");
        var head = await RawService.ReadUntilAsync(stream, "\r\n\r\n");
        head.ShouldContain("X-Kept: yes");
        head.ShouldNotContain("Keep-Alive");
        (await RawService.ReadUntilAsync(stream, "one\r\n")).ShouldBe("3\r\none\r\n");
        seen.SetResult();
        (await RawService.ReadUntilAsync(stream, "0\r\n\r\n")).ShouldBe("3\r\ntwo\r\n0\r\n\r\n");
    }

    [Fact]
    public async Task An_answer_that_breaks_off_does_not_look_complete()
    {
        await using var gateway = await ServedGateway.StartAsync();
        await using var service = new RawService((_, stream) => RawService.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
        await gateway.AddAsync("web", service, ("path", "/"));
        var answer = await gateway.GetAsync("x", "/");
        // What had not been sent when the connection was cut does not come.
        (answer.Split("\r\n\r\n") is [_, var body] ? body.Length : 0).ShouldBeLessThan(100);
        answer.ShouldNotContain("Content-Length: 4\r\n");
    }

    [Fact]
    public async Task A_web_socket_goes_through_in_both_directions()
    {
        await using var gateway = await ServedGateway.StartAsync();
        await using var service = new RawService(async (_, stream) =>
        {
            await RawService.WriteAsync(stream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: key\r\n\r\n");
            var words = await RawService.ReadUntilAsync(stream, "\n");
            await RawService.WriteAsync(stream, "you said " + words);
        });
        await gateway.AddAsync("chat", service, ("path", "/"));

        var answer = await Upgrade(gateway, "hello\n");
        answer.ShouldStartWith("HTTP/1.1 101");
        answer.ShouldContain("Sec-WebSocket-Accept: key");
        answer.ShouldEndWith("you said hello\n");
        service.Heads.Single().ShouldContain("Upgrade: websocket\r\n");
    }

    [Fact]
    public async Task The_engine_may_go_and_come_back_and_routes_stay()
    {
        await using var gateway = await ServedGateway.StartAsync();
        await using var one = RawService.Named("one");
        await using var two = RawService.Named("two");
        await gateway.AddAsync("one", one, ("host", "one.example.org"));
        gateway.Engine.DropListeners();
        (await gateway.BodyAsync("one.example.org", "/")).ShouldBe("one");
        await gateway.AddAsync("two", two, ("host", "two.example.org"));
        (await gateway.BodyAsync("one.example.org", "/")).ShouldBe("one");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await gateway.GetAsync("two.example.org", "/")).StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            await Task.Delay(20, patience.Token);
    }

    [Fact]
    public async Task Whoever_does_not_answer_its_probe_is_left_out()
    {
        await using var gateway = await ServedGateway.StartAsync(o => o with { ProbeInterval = TimeSpan.FromMilliseconds(200) });
        var ill = false;
        await using var one = new RawService((head, stream) => RawService.WriteAsync(stream, $"HTTP/1.1 {(ill && head.Contains("/up", StringComparison.Ordinal) ? 500 : 200)} X\r\nContent-Length: 3\r\nConnection: close\r\n\r\none"));
        await using var two = RawService.Named("two");
        await gateway.AddAsync("web-1", one, ("sampan.service", "web"), ("health", "/up"));
        await gateway.AddAsync("web-2", two, ("sampan.service", "web"), ("health", "/up"));
        (await AnswersAsync(gateway)).ShouldBe(["one", "two"]);
        ill = true;
        await UntilAsync(gateway, ["two"]);
        ill = false;
        await UntilAsync(gateway, ["one", "two"]);

        static async Task UntilAsync(ServedGateway gateway, string[] wanted)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (!(await AnswersAsync(gateway)).SequenceEqual(wanted))
                await Task.Delay(100, patience.Token);
        }
    }

    [Fact]
    public async Task A_service_that_takes_too_long_is_answered_for()
    {
        await using var gateway = await ServedGateway.StartAsync(o => o with { Patience = TimeSpan.FromMilliseconds(200) });
        var held = new TaskCompletionSource();
        await using var service = new RawService((_, _) => held.Task);
        await gateway.AddAsync("slow", service, ("path", "/"));
        (await gateway.GetAsync("x", "/")).ShouldStartWith("HTTP/1.1 504");
        held.SetResult();
    }

    [Fact]
    public async Task A_host_and_path_belong_to_whoever_was_there_first()
    {
        await using var gateway = await ServedGateway.StartAsync();
        await using var first = RawService.Named("first");
        await using var second = RawService.Named("second");
        await gateway.AddAsync("first", first, ("host", "x.example.org"));
        await gateway.AddAsync("second", second, ("host", "x.example.org"));
        for (var i = 0; i < 5; i++)
            (await gateway.BodyAsync("x.example.org", "/")).ShouldBe("first");
    }

    /// <summary>Who answers; asked often enough to hear all.</summary>
    private static async Task<IReadOnlyList<string>> AnswersAsync(ServedGateway gateway)
    {
        var heard = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 60 && heard.Count < 2; i++)
            heard.Add(await gateway.BodyAsync("x", "/"));
        return [.. heard];
    }

    private static async Task<string> Upgrade(ServedGateway gateway, string words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Port);
        await using var stream = client.GetStream();
        await RawService.WriteAsync(stream, "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: k\r\n\r\n");
        var head = await RawService.ReadUntilAsync(stream, "\r\n\r\n");
        await RawService.WriteAsync(stream, words);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer);
        return head + Encoding.ASCII.GetString(answer.ToArray());
    }
}
