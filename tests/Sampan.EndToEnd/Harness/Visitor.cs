using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sampan.EndToEnd.Harness;

/// <summary>Somebody who asks a published port for a page, again and again, each time by a new connection, and counts.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task[] _loops;
    private int _served;

    /// <summary>Begins to ask.</summary>
    /// <param name="door">Where.</param>
    /// <param name="atOnce">How many ask.</param>
    public Visitor(IPEndPoint door, int atOnce = 1)
    {
        Door = door;
        _loops = [.. Enumerable.Range(0, atOnce).Select(_ => Task.Run(VisitAsync))];
    }

    /// <summary>Starts a container that serves a page at a published port, and asks for it from then on.</summary>
    /// <param name="daemon">Whose it is.</param>
    /// <param name="name">The container's name.</param>
    /// <param name="atOnce">How many ask.</param>
    /// <param name="network">The container's network.</param>
    /// <param name="at">The host's address that is asked; null: 127.0.0.1.</param>
    public static async Task<Visitor> StartAsync(Daemon daemon, string name = "served", int atOnce = 1, string network = "bridge", IPAddress? at = null)
    {
        var door = new IPEndPoint(at ?? IPAddress.Loopback, FreePort.Next());
        (await daemon.SampanAsync("run", "-d", "--name", name, "--network", network, "-p", $"{door.Port}:80", "busybox", "sh", "-c", "mkdir /w; echo page >/w/index.html; exec httpd -f -p 80 -h /w")).Succeeded();
        await Eventually.HoldsAsync("the page is served", async () => (await Shell.RunAsync("curl", ["-gsf", "--max-time", "30", $"http://{door}/"])).Text == "page");
        return new Visitor(door, atOnce);
    }

    /// <summary>What is asked.</summary>
    public IPEndPoint Door { get; }

    /// <summary>How many pages came, whole.</summary>
    public int Served => Volatile.Read(ref _served);

    /// <summary>Waits for some more pages, and fails if any request since the beginning has failed.</summary>
    public async Task WasServedThroughoutAsync(string during)
    {
        var now = Served;
        await Eventually.HoldsAsync($"the visitor is served during {during}; failures: {string.Join("; ", _failures)}", () => Served > now + 2 || !_failures.IsEmpty);
        _failures.ShouldBeEmpty($"requests failed during {during}");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        _stop.Dispose();
    }

    private async Task VisitAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var patience = new CancellationTokenSource(Shell.Patience);
                using var socket = new Socket(Door.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(Door, patience.Token);
                await using var stream = new NetworkStream(socket);
                await stream.WriteAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray(), patience.Token);
                using var reader = new StreamReader(stream, Encoding.ASCII);
                var answer = await reader.ReadToEndAsync(patience.Token);
                if (answer.EndsWith("\r\npage\n", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref _served);
                }
                else
                {
                    _failures.Enqueue($"after {Served}: '{answer}'");
                }
            }
            catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
            {
                _failures.Enqueue($"after {Served}: {failure.Message}");
            }

            await Task.Delay(5);
        }
    }
}
