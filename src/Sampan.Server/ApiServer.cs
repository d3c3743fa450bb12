using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sampan.Engine;
using Sampan.Server.Authorization;
using Sampan.Server.Docker;
using Sampan.Server.Http;
using Sampan.Server.Registry;

namespace Sampan.Server;

/// <summary>
/// The Docker Engine API over HTTP. Kestrel alone, without host, dependency injection and middleware: the daemon is to
/// be small and quick to start.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly KestrelServer _kestrel;
    private readonly ApiApplication _application;
    private readonly AuthorizationPlugins? _plugins;

    private ApiServer(KestrelServer kestrel, ApiApplication application, AuthorizationPlugins? plugins)
    {
        _kestrel = kestrel;
        _application = application;
        _plugins = plugins;
    }

    /// <summary>How many requests have begun and ended; it stands still while the API is idle.</summary>
    public long Activity => _application.Activity;

    /// <summary>Serves an engine's API.</summary>
    /// <param name="daemon">The engine and what the daemon tells of itself.</param>
    /// <param name="listeners">Where to listen.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where the server logs.</param>
    /// <param name="cancellation">Gives up starting.</param>
    public static Task<ApiServer> StartAsync(DockerDaemon daemon, IReadOnlyList<ApiListener> listeners, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation) =>
        StartAsync(DockerRoutes.Of(daemon), listeners, time, logs, cancellation, PluginsOf(daemon));

    /// <summary>Serves any routes.</summary>
    internal static async Task<ApiServer> StartAsync(RouteTable routes, IReadOnlyList<ApiListener> listeners, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation, AuthorizationPlugins? plugins = null)
    {
        var log = logs.CreateLogger("api");
        var options = new KestrelServerOptions { AddServerHeader = false };
        // Archives have any size and attached clients any pace; what is read into memory has limits of its own.
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        foreach (var listener in listeners)
        {
            switch (listener.Address)
            {
                case UnixDomainSocketEndPoint unix:
                    options.ListenUnixSocket(unix.ToString(), listen => Configure(listen, listener.Tls, log));
                    break;
                case IPEndPoint ip:
                    options.Listen(ip, listen => Configure(listen, listener.Tls, log));
                    break;
                default:
                    throw new ArgumentException($"cannot listen on '{listener.Address}'", nameof(listeners));
            }
        }

        // A flush then waits until the socket has the bytes: a hijacked connection may be closed right after its
        // last flush, and a client that does not read slows its container's output instead of filling memory.
        // Of a client that speaks TLS nothing can be understood before a handshake.
        var answer = Sparing.ApiAnswer();
        var transport = Transport.Create(address => Find(listeners, address), listener => new Sparing(time, log) { Room = DescriptorShortage.RoomForClients, Answer = listener.Tls is null ? answer : default }, logs, maxWriteBuffer: 1);
        var server = new ApiServer(new KestrelServer(Options.Create(options), transport, logs), new ApiApplication(routes, plugins, time, log), plugins);
        await server._kestrel.StartAsync(server._application, cancellation).ConfigureAwait(false);
        return server;
    }

    /// <summary>Takes no new connections and waits for open requests to end; cancelled, it closes them.</summary>
    public Task StopAsync(CancellationToken cancellation) => _kestrel.StopAsync(cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _kestrel.Dispose();
        _plugins?.Dispose();
        return ValueTask.CompletedTask;
    }

    // A managed plugin of the name comes first; one that is disabled does not make way for another program: nothing is allowed then.
    private static AuthorizationPlugins? PluginsOf(DockerDaemon daemon) => daemon.AuthorizationPlugins.Count == 0 ? null
        : new AuthorizationPlugins([.. daemon.AuthorizationPlugins.Select(name => new AuthorizationPlugin(name, ct => daemon.Engine.Plugins.Enabled(name, AuthorizationPlugin.Protocol) is { } managed
            ? managed.ConnectAsync(ct)
            : AuthorizationPlugin.ConnectAsync(PluginAddress.Find(name, PluginAddress.Sockets, PluginAddress.Files), ct)))]);

    private static void Configure(ListenOptions listen, ApiTls? tls, ILogger log)
    {
        // HTTP/2 adds attack surface and no client of the API needs it.
        listen.Protocols = HttpProtocols.Http1;
        if (tls is not null)
        {
            var options = ApiTlsOptions.Read(tls);
            listen.Use(TlsConnection.Middleware(() => options, reason => ApiApplication.TellNoHandshake(log, reason)));
        }

        listen.Use(ConnectionLife.Middleware);
    }

    private static ApiListener Find(IReadOnlyList<ApiListener> listeners, EndPoint address) =>
        listeners.First(l => string.Equals(l.Address.ToString(), address.ToString(), StringComparison.Ordinal));
}
