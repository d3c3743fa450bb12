using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampan.EndToEnd.Harness;

/// <summary>A connection to a registry that lets through so many bytes of answers and then nothing, until it is told otherwise.</summary>
internal sealed class SlowLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _links = new();
    private readonly int _target;
    private readonly Task _accepting;
    private long _passed;

    public SlowLink(int target, long allowed)
    {
        (_target, Allowed) = (target, allowed);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Host => string.Create(CultureInfo.InvariantCulture, $"localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>How many bytes of answers may pass in all.</summary>
    public long Allowed { get; set; }

    /// <summary>How many did.</summary>
    public long Passed => Interlocked.Read(ref _passed);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_links.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _links[LinkAsync(client)] = 0;
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task LinkAsync(TcpClient accepted)
    {
        using var client = accepted;
        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            await Task.WhenAny(PassAsync(client.GetStream(), server.GetStream(), counted: false), PassAsync(server.GetStream(), client.GetStream(), counted: true));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException)
        {
            // The registry is gone, or the test over.
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, bool counted)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                while (counted && Passed >= Allowed)
                {
                    await Task.Delay(20, _stop.Token);
                }

                var read = await from.ReadAsync(buffer, _stop.Token);
                if (read == 0)
                {
                    return;
                }

                await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                if (counted)
                {
                    Interlocked.Add(ref _passed, read);
                }
            }
        }
        catch (Exception over) when (over is IOException or OperationCanceledException)
        {
            // One side went away.
        }
    }
}
