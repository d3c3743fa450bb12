using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>
/// Calls of the API in random but valid order (builds, plugins, sessions and what compose does among them), by several clients at once, and calls that make no sense: no answer is 500, nothing is left, memory stays.
/// A short round each time, the long one with <c>SAMPAN_SOAK=1</c>; <c>SAMPAN_SEED</c> chooses another order.
/// </summary>
public sealed class ApiStormTests
{
    private const int AtOnce = 3;
    private const int MemorySlackKilobytes = 40 * 1024;
    private static readonly int s_seed = int.TryParse(Environment.GetEnvironmentVariable("SAMPAN_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 20261121;

    [Fact]
    public async Task Valid_calls_in_random_order_get_no_500_and_leave_nothing()
    {
        var calls = Soak.IsAsked ? 10_000 : 1_200;
        await using var daemon = await StartAsync();
        var before = await Census.TakeAsync(daemon);
        var wrong = new ConcurrentQueue<string>();
        var plugin = StormCalls.PluginArchive(daemon.Root);

        await RoundAsync(daemon, plugin, calls / 2, s_seed, wrong);
        var memory = Resident(daemon);
        await RoundAsync(daemon, plugin, calls - (calls / 2), s_seed + 1, wrong);

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
        var calls = Soak.IsAsked ? 10_000 : 2_500;
        await using var daemon = await StartAsync();
        (await daemon.SendAsync(HttpMethod.Post, "containers/create?name=target", """{"Image":"busybox","Cmd":["sleep","3600"]}""")).Status.ShouldBe(201);
        (await daemon.SendAsync(HttpMethod.Post, "containers/target/start")).Status.ShouldBe(204);
        var inventory = await Inventory.TakeAsync(daemon);
        var before = await Census.TakeAsync(daemon);
        var malformed = new MalformedCalls(new Random(s_seed));
        var wrong = new List<string>();
        var memory = 0;
        for (var i = 0; i < calls; i++)
        {
            if (i == calls / 2)
                memory = Resident(daemon);
            var request = malformed.Next();
            var status = await RawAsync(daemon, request);
            if (status is 500 or 502 or 503 or (>= 200 and < 300))
            {
                wrong.Add($"{status}: {Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(300, request.Length)))}");
            }
        }

        daemon.IsRunning.ShouldBeTrue(daemon.Log);
        wrong.ShouldBeEmpty($"seed {s_seed}");
        Resident(daemon).ShouldBeLessThan(memory + MemorySlackKilobytes, "the second half takes no more memory than the first");
        (await Inventory.TakeAsync(daemon)).ShouldBe(inventory);
        // A build whose context is none is remembered as one that failed.
        await ForgetBuildsAsync(daemon);
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

    private static Task RoundAsync(Daemon daemon, byte[] plugin, int calls, int seed, ConcurrentQueue<string> wrong) =>
        Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async client =>
        {
            var storm = new StormCalls(new Random((seed * 31) + client), plugin);
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
        for (var i = 0; i < StormCalls.Images; i++)
        {
            // Its plugin may be disabled, or gone.
            await daemon.SendAsync(HttpMethod.Delete, $"volumes/storm{i}-volume?force=1");
        }

        foreach (var path in new[] { "networks/prune", "volumes/prune?filters={\"all\":[\"true\"]}", "images/prune?filters={\"dangling\":[\"true\"]}", "build/prune?all=1" })
        {
            (await daemon.SendAsync(HttpMethod.Post, path)).Status.ShouldBe(200);
        }

        for (var i = 0; i < StormCalls.Images; i++)
        {
            await daemon.SendAsync(HttpMethod.Delete, $"images/storm{i}:1");
            await daemon.SendAsync(HttpMethod.Delete, $"plugins/storm{i}?force=1");
        }

        await ForgetBuildsAsync(daemon);
        (await daemon.SampanAsync("images", "-a", "--format", "{{.Repository}}")).Succeeded().ShouldBe("busybox");
    }

    private static async Task ForgetBuildsAsync(Daemon daemon)
    {
        using var builds = JsonDocument.Parse((await daemon.SendAsync(HttpMethod.Get, "sampan/builds")).Body);
        foreach (var build in builds.RootElement.EnumerateArray())
        {
            (await daemon.SendAsync(HttpMethod.Delete, $"sampan/builds/{build.GetProperty("Id").GetString()}")).Status.ShouldBe(204);
        }
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
