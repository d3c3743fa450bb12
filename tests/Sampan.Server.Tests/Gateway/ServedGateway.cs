using System.Net;
using System.Net.Sockets;
using System.Text;
using Sampan.DockerApi.Client;
using Sampan.Server.Gateway;
using Sampan.Server.Tests.Http;

namespace Sampan.Server.Tests.Gateway;

/// <summary>A gateway on a free port, with an engine that is none behind it.</summary>
internal sealed class ServedGateway : IAsyncDisposable
{
    private readonly GatewayServer _server;
    private readonly List<ApiListener> _listeners;

    private ServedGateway(FakeEngine engine, GatewayServer server, List<ApiListener> listeners) => (Engine, _server, _listeners) = (engine, server, listeners);

    internal FakeEngine Engine { get; }

    internal int Port => ((IPEndPoint)_listeners[0].Address).Port;

    /// <summary>The access log.</summary>
    internal List<string> Lines { get; private init; } = [];

    internal static async Task<ServedGateway> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null, string? certificates = null)
    {
        var engine = new FakeEngine();
        List<ApiListener> listeners = [Bind()];
        List<string> lines = [];
        var options = new GatewayOptions
        {
            Engine = DockerEndpoint.Parse(engine.Address, out var reason) ?? throw new InvalidOperationException(reason),
            Listeners = certificates is null ? listeners : [],
            TlsListeners = certificates is null ? [] : listeners,
            Certificates = certificates,
            AccessLog = line =>
            {
                lock (lines)
                    lines.Add(line);
            },
        };
        var server = await GatewayServer.StartAsync(change?.Invoke(options) ?? options, TimeProvider.System, new TestLog(), CancellationToken.None);
        await server.Known.WaitAsync(TimeSpan.FromSeconds(60));
        return new ServedGateway(engine, server, listeners) { Lines = lines };
    }

    /// <summary>Adds a container whose program is there.</summary>
    internal Task AddAsync(string name, RawService service, params (string Key, string Value)[] labels) => Engine.AddAsync(Container(name, service, labels));

    internal static FakeEngine.Container Container(string name, RawService service, params (string Key, string Value)[] labels) =>
        new(name, service.Port, labels.ToDictionary(l => l.Key.Contains('.') ? l.Key : "sampan.gateway." + l.Key, l => l.Value, StringComparer.Ordinal));

    /// <summary>Sends bytes and reads until the gateway closes.</summary>
    internal async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await using var stream = client.GetStream();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), patience.Token);
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, patience.Token);
        }
        catch (IOException)
        {
            // A reset after the answer.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <summary>A request that is answered and then closed.</summary>
    internal Task<string> GetAsync(string host, string target, string more = "", string method = "GET") =>
        SendRawAsync($"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n");

    internal async Task<string> BodyAsync(string host, string target)
    {
        var answer = await GetAsync(host, target);
        answer.ShouldStartWith("HTTP/1.1 200");
        return answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _server.StopAsync(patience.Token);
        await _server.DisposeAsync();
        await Engine.DisposeAsync();
        foreach (var listener in _listeners)
            listener.Socket.Dispose();
    }

    private static ApiListener Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new ApiListener(socket.LocalEndPoint ?? throw new InvalidOperationException("no address"), socket);
    }
}
