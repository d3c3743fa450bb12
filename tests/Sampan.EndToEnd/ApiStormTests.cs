using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>
/// Calls of the API in random but valid order (builds and what compose does among them), by several clients at once, and calls that make no sense: no answer is 500, nothing is left, memory stays.
/// A short round each time, the long one with <c>SAMPAN_SOAK=1</c>; <c>SAMPAN_SEED</c> chooses another order.
/// </summary>
public sealed class ApiStormTests
{
    private const int AtOnce = 3;
    private const int MemorySlackKilobytes = 40 * 1024;
    private static readonly bool s_isSoak = Environment.GetEnvironmentVariable("SAMPAN_SOAK") == "1";
    private static readonly int s_seed = int.TryParse(Environment.GetEnvironmentVariable("SAMPAN_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 20261121;

    [Fact]
    public async Task Valid_calls_in_random_order_get_no_500_and_leave_nothing()
    {
        var calls = s_isSoak ? 10_000 : 1_200;
        await using var daemon = await StartAsync();
        var before = await Census.TakeAsync(daemon);
        var wrong = new ConcurrentQueue<string>();

        await RoundAsync(daemon, calls / 2, s_seed, wrong);
        var memory = Resident(daemon);
        await RoundAsync(daemon, calls - (calls / 2), s_seed + 1, wrong);

        daemon.IsRunning.ShouldBeTrue(daemon.Log);
        wrong.ShouldBeEmpty($"seed {s_seed}");
        Resident(daemon).ShouldBeLessThan(memory + MemorySlackKilobytes, "the second half takes no more memory than the first");
        await RemoveAllAsync(daemon);
        await Census.ReturnsToAsync(daemon, before);
        (await daemon.SampanAsync("system", "check")).Succeeded();
    }

    [Fact]
    public async Task Malformed_calls_are_refused_and_leave_nothing()
    {
        var calls = s_isSoak ? 10_000 : 2_500;
        await using var daemon = await StartAsync();
        (await daemon.SendAsync(HttpMethod.Post, "containers/create?name=target", """{"Image":"busybox","Cmd":["sleep","3600"]}""")).Status.ShouldBe(201);
        (await daemon.SendAsync(HttpMethod.Post, "containers/target/start")).Status.ShouldBe(204);
        var inventory = await Inventory.TakeAsync(daemon);
        var before = await Census.TakeAsync(daemon);
        var random = new Random(s_seed);
        var wrong = new List<string>();
        for (var i = 0; i < calls; i++)
        {
            var request = Malformed(random);
            var status = await RawAsync(daemon, request);
            if (status is 500 or 502 or 503 or (>= 200 and < 300))
            {
                wrong.Add($"{status}: {Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(300, request.Length)))}");
            }
        }

        daemon.IsRunning.ShouldBeTrue(daemon.Log);
        wrong.ShouldBeEmpty($"seed {s_seed}");
        (await Inventory.TakeAsync(daemon)).ShouldBe(inventory);
        await Census.ReturnsToAsync(daemon, before);
        daemon.Log.ShouldNotContain("Unhandled");
        daemon.Log.ShouldNotContain("nobody looked");
    }

    private static async Task<Daemon> StartAsync()
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("containers need root");
        }

        var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        // Warmed up: what is opened once and kept is open now.
        (await daemon.SampanAsync("run", "--rm", "-p", "80", "-v", "/data", "busybox", "true")).Succeeded();
        (await daemon.ClientWithInputAsync(Clients.Sampan, "FROM busybox\nRUN true\n", "build", "-q", "-t", "storm0:1", "-")).Succeeded();
        await RemoveAllAsync(daemon);
        return daemon;
    }

    private static Task RoundAsync(Daemon daemon, int calls, int seed, ConcurrentQueue<string> wrong) =>
        Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async client =>
        {
            var storm = new StormCalls(new Random((seed * 31) + client));
            for (var i = 0; i < calls / AtOnce; i++)
            {
                var call = storm.Next();
                var (status, answer) = await call.SendAsync(daemon);
                if (status >= 500 || answer.Contains("the build failed:", StringComparison.Ordinal))
                {
                    wrong.Enqueue($"{call}: {status} {answer}");
                }
            }
        }));

    // All that calls of a storm may have made, by the calls that are there for it.
    private static async Task RemoveAllAsync(Daemon daemon)
    {
        await daemon.RemoveAllContainersAsync();
        foreach (var path in new[] { "networks/prune", "volumes/prune?filters={\"all\":[\"true\"]}", "images/prune?filters={\"dangling\":[\"true\"]}", "build/prune?all=1" })
        {
            (await daemon.SendAsync(HttpMethod.Post, path)).Status.ShouldBe(200);
        }

        for (var i = 0; i < StormCalls.Images; i++)
        {
            await daemon.SendAsync(HttpMethod.Delete, $"images/storm{i}:1");
        }

        using var builds = JsonDocument.Parse((await daemon.SendAsync(HttpMethod.Get, "sampan/builds")).Body);
        foreach (var build in builds.RootElement.EnumerateArray())
        {
            (await daemon.SendAsync(HttpMethod.Delete, $"sampan/builds/{build.GetProperty("Id").GetString()}")).Status.ShouldBe(204);
        }

        (await daemon.SampanAsync("images", "-a", "--format", "{{.Repository}}")).Succeeded().ShouldBe("busybox");
    }

    // Every one has at least one thing that makes it wrong whatever the rest is.
    private static byte[] Malformed(Random random)
    {
        string[] posts = ["containers/create", "containers/create?name=new", "networks/create", "volumes/create", "containers/target/update", "containers/target/exec", "commit?container=no-such", "build?buildargs=%7B", "build?memory=much", "build/prune?filters=%7B", "images/create", "exec/no-such/start", "networks/bridge/connect", "networks/bridge/disconnect"];
        string[] bodies =
        [
            "{", "[]", "\"text\"", "nul", "{\"Name\" \"x\"}", new string('[', 5000), "{\"a\":" + new string('9', 400), "\u0000\u0001", "{\"Name\":\"x\",}",
            Wrong("5", "\"much\""), Wrong("{}", "{}"), Wrong("[[]]", "[]"), Wrong("true", "true"), Wrong("1e999", "1e999"), Wrong("-0.5", "0.5"),
        ];
        string[] paths =
        [
            "containers/no-such/json", "containers/%00/json", "containers/..%2f..%2fetc/json", "containers/json?filters={", "containers/json?filters=[1]", "containers/json?limit=many", "containers/target/logs", "containers/target/logs?stdout=1&since=yesterday",
            "containers/target/archive", "containers/target/archive?path=/no/such", "images/no-such/history", "images/get?names=no-such", "images/no-such/get", "containers/no-such/export", "containers/target/attach/ws", "containers/json?filters=%7B%22label%22%3A7%7D",
            "containers/target/top?ps_args=%00;reboot", "images/%ff/json", "images/" + new string('x', 4000) + "/json", "networks/no-such", "volumes/no-such", "volumes/..", "exec/no-such/json", "no/such/endpoint", "v0.1/containers/json", "v99.99/containers/json", "events?since=never&until=then", "images/json?filters=%7B%22dangling%22%3A5%7D",
        ];
        string[] garbage =
        [
            "GET\r\n\r\n", "\u0000\u0000\u0000\u0000\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "FROB /containers/json HTTP/1.1\r\nHost: x\r\n\r\n", "GET /containers/json HTTP/1.1\r\n\r\n", "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            "POST /containers/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n", "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\n{}", $"GET /containers/json HTTP/1.1\r\nHost: x\r\nX: {new string('y', 60_000)}\r\n\r\n",
        ];
        return random.Next(6) switch
        {
            0 or 1 or 2 => Request("POST", posts[random.Next(posts.Length)], bodies[random.Next(bodies.Length)]),
            3 or 4 => Request("GET", paths[random.Next(paths.Length)], null),
            _ => Encoding.Latin1.GetBytes(garbage[random.Next(garbage.Length)]),
        };
    }

    // In every field that one of the endpoints must understand stands what it cannot be.
    private static string Wrong(string text, string number) =>
        $"{{\"Image\":{text},\"Name\":{text},\"Cmd\":{text},\"Container\":{text},\"Memory\":{number}}}";

    private static byte[] Request(string method, string path, string? body)
    {
        var content = Encoding.UTF8.GetBytes(body ?? "");
        var head = $"{method} /{path} HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n{(body is null ? "" : $"Content-Type: application/json\r\nContent-Length: {content.Length}\r\n")}\r\n";
        return [.. Encoding.Latin1.GetBytes(head), .. content];
    }

    /// <summary>The answer's status; 0 if the daemon hung up without one, as it may when the request is no HTTP.</summary>
    private static async Task<int> RawAsync(Daemon daemon, byte[] request)
    {
        using var patience = new CancellationTokenSource(Shell.Patience);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Socket), patience.Token);
        var answer = new byte[64];
        var read = 0;
        try
        {
            await socket.SendAsync(request, patience.Token);
            socket.Shutdown(SocketShutdown.Send);
            while (read < 12 && await socket.ReceiveAsync(answer.AsMemory(read), patience.Token) is > 0 and var count)
            {
                read += count;
            }
        }
        catch (SocketException)
        {
            // It hung up before it had read everything.
        }

        return read >= 12 && int.TryParse(Encoding.ASCII.GetString(answer, 9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0;
    }

    private static int Resident(Daemon daemon)
        => int.Parse(File.ReadLines($"/proc/{daemon.Pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}
