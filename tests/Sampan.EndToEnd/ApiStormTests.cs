using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>
/// Calls of the API in random but valid order, by several clients at once, and calls that make no sense: no answer is 500, nothing is left, memory stays.
/// A short round each time, the long one with <c>SAMPAN_SOAK=1</c>; <c>SAMPAN_SEED</c> chooses another order.
/// </summary>
public sealed class ApiStormTests
{
    private const int Clients = 3;
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
        await daemon.RemoveAllContainersAsync();
        foreach (var (method, path) in new[] { (HttpMethod.Post, "networks/prune"), (HttpMethod.Post, "volumes/prune?filters={\"all\":[\"true\"]}"), (HttpMethod.Post, "images/prune?filters={\"dangling\":[\"true\"]}") })
        {
            (await daemon.SendAsync(method, path)).Status.ShouldBe(200);
        }

        for (var i = 0; i < 4; i++)
        {
            await daemon.SendAsync(HttpMethod.Delete, $"images/storm{i}:1");
        }

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
        return daemon;
    }

    private static Task RoundAsync(Daemon daemon, int calls, int seed, ConcurrentQueue<string> wrong) =>
        Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            var random = new Random((seed * 31) + client);
            for (var i = 0; i < calls / Clients; i++)
            {
                var (method, path, body) = Valid(random);
                var (status, answer) = await daemon.SendAsync(new HttpMethod(method), path, body);
                if (status >= 500)
                {
                    wrong.Enqueue($"{method} {path} {body}: {status} {answer}");
                }
            }
        }));

    private static (string Method, string Path, string? Body) Valid(Random random)
    {
        var container = $"storm{random.Next(6)}";
        var other = $"storm{random.Next(6)}";
        var network = $"stormnet{random.Next(3)}";
        var volume = $"stormvol{random.Next(3)}";
        return random.Next(34) switch
        {
            < 6 => ("POST", $"containers/create?name={container}", Create(random, volume, network)),
            < 11 => ("POST", $"containers/{container}/start", null),
            11 => ("POST", $"containers/{container}/stop?t=0", null),
            12 => ("POST", $"containers/{container}/kill", null),
            13 => ("POST", $"containers/{container}/restart?t=0", null),
            14 => ("POST", $"containers/{container}/pause", null),
            15 => ("POST", $"containers/{container}/unpause", null),
            16 => ("POST", $"containers/{container}/rename?name={other}", null),
            17 => ("POST", $"containers/{container}/update", """{"Memory":67108864,"MemorySwap":134217728}"""),
            18 or 19 => ("DELETE", $"containers/{container}?force=true&v=true", null),
            20 => ("GET", $"containers/{container}/json?size={random.Next(2)}", null),
            21 => ("GET", $"containers/json?all={random.Next(2)}&size={random.Next(2)}", null),
            22 => ("GET", $"containers/{container}/logs?stdout=1&tail=5", null),
            23 => ("GET", random.Next(2) == 0 ? $"containers/{container}/top" : $"containers/{container}/changes", null),
            24 => ("GET", $"containers/{container}/stats?stream=false&one-shot=true", null),
            25 => ("POST", $"containers/{container}/exec", """{"Cmd":["true"],"AttachStdout":true}"""),
            26 => ("POST", "networks/create", $"{{\"Name\":\"{network}\",\"Labels\":{{\"storm\":\"1\"}}}}"),
            27 => ("DELETE", $"networks/{network}", null),
            28 => ("POST", $"networks/{network}/{(random.Next(2) == 0 ? "connect" : "disconnect")}", $"{{\"Container\":\"{container}\"}}"),
            29 => ("POST", "volumes/create", $"{{\"Name\":\"{volume}\"}}"),
            30 => ("DELETE", $"volumes/{volume}", null),
            31 => random.Next(2) == 0 ? ("POST", $"images/busybox/tag?repo=storm{random.Next(4)}&tag=1", null) : ("DELETE", $"images/storm{random.Next(4)}:1", null),
            32 => ("GET", random.Next(6) switch { 0 => "info", 1 => "version", 2 => "images/json", 3 => "system/df", 4 => "networks", _ => "volumes" }, null),
            _ => ("POST", random.Next(3) switch { 0 => "containers/prune", 1 => "networks/prune", _ => "volumes/prune" }, null),
        };
    }

    private static string Create(Random random, string volume, string network)
    {
        var mount = random.Next(3) switch { 0 => $"\"Binds\":[\"{volume}:/data\"],", 1 => "\"Tmpfs\":{\"/t\":\"\"},", _ => "" };
        var mode = random.Next(5) switch { 0 => "none", 1 => "host", 2 => network, _ => "bridge" };
        var command = random.Next(4) switch { 0 => "[\"true\"]", 1 => "[\"no-such-program\"]", _ => "[\"sleep\",\"3600\"]" };
        var port = mode is "bridge" && random.Next(2) == 0 ? "\"PortBindings\":{\"80/tcp\":[{}]}," : "";
        var volumes = random.Next(4) == 0 ? "{\"/anonymous\":{}}" : "{}";
        var remove = random.Next(4) == 0 ? "true" : "false";
        return "{\"Image\":\"busybox\",\"Cmd\":" + command + ",\"Volumes\":" + volumes + ",\"HostConfig\":{" + mount + port + "\"AutoRemove\":" + remove + ",\"NetworkMode\":\"" + mode + "\"}}";
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
