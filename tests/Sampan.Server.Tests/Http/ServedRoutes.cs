using System.Net.Sockets;
using System.Text;
using Sampan.Server.Authorization;
using Sampan.Server.Http;

namespace Sampan.Server.Tests.Http;

/// <summary>Routes served on a Unix socket of their own, and a raw client.</summary>
internal sealed class ServedRoutes : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-http-").FullName;
    private ApiServer? _server;

    internal TestLog Log { get; } = new();

    internal string SocketPath => Path.Combine(_directory, "api.sock");

    internal static async Task<ServedRoutes> StartAsync(RouteTable routes, AuthorizationPlugins? plugins = null)
    {
        var served = new ServedRoutes();
        var address = new UnixDomainSocketEndPoint(served.SocketPath);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(address);
        served._server = await ApiServer.StartAsync(routes, [new ApiListener(address, socket)], TimeProvider.System, served.Log, default, plugins);
        return served;
    }

    internal HttpClient Client() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, ct) =>
        {
            var socket = await ConnectAsync(ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://engine") };

    internal async Task<Socket> ConnectAsync(CancellationToken ct = default)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), ct);
        return socket;
    }

    /// <summary>Sends bytes as they are and closes the sending half if asked to; returns all that comes back until the server closes.</summary>
    internal async Task<string> TalkAsync(string request, string afterHead = "", bool halfClose = false)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        var text = new StringBuilder();
        var buffer = new byte[65536];
        var sent = false;
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer);
            if (count == 0)
                return text.ToString();
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            if (sent || !text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
                continue;
            sent = true;
            if (afterHead.Length > 0)
                await socket.SendAsync(Encoding.ASCII.GetBytes(afterHead));
            if (halfClose)
                socket.Shutdown(SocketShutdown.Send);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await _server.StopAsync(now.Token);
            await _server.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }
}
