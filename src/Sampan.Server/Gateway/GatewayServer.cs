using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sampan.Server.Http;
using Sampan.Server.Registry;

namespace Sampan.Server.Gateway;

/// <summary>
/// A gateway: leads requests by host and path to the containers of an engine that say by labels what they want. Kestrel towards
/// clients, .NET's HTTP client towards containers; nothing of a request's frame is passed on as it came.
/// </summary>
public sealed class GatewayServer : IAsyncDisposable
{
    private const int MostHeadBytes = 32 * 1024;
    private const double LeastBytesPerSecond = 240;
    private static readonly TimeSpan s_slowness = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(75);

    private readonly KestrelServer _kestrel;
    private readonly GatewayDirectory _directory;
    private readonly GatewayApplication _application;

    private GatewayServer(KestrelServer kestrel, GatewayDirectory directory, GatewayApplication application) =>
        (_kestrel, _directory, _application) = (kestrel, directory, application);

    /// <summary>How many requests have begun and ended; it stands still while the gateway is idle.</summary>
    public long Activity => _application.Activity;

    /// <summary>Completes when the engine was asked for the first time.</summary>
    public Task Known => _directory.Known;

    /// <summary>Serves.</summary>
    /// <param name="options">What and how.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where it logs.</param>
    /// <param name="ct">Gives up starting.</param>
    /// <exception cref="InvalidDataException">The certificates cannot be used.</exception>
    public static async Task<GatewayServer> StartAsync(GatewayOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken ct)
    {
        var log = new GatewayLog(logs.CreateLogger("gateway"));
        var certificates = options.Certificates is { } folder ? GatewayCertificates.Open(folder, log, time) : null;
        var kestrel = new KestrelServerOptions { AddServerHeader = false, AllowResponseHeaderCompression = false };
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = options.MaxBody;
        limits.MaxRequestHeadersTotalSize = MostHeadBytes;
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.MaxConcurrentUpgradedConnections = options.MaxConnections;
        limits.RequestHeadersTimeout = options.HeadPatience;
        limits.KeepAliveTimeout = s_idle;
        limits.MinRequestBodyDataRate = new MinDataRate(LeastBytesPerSecond, s_slowness);
        limits.MinResponseDataRate = new MinDataRate(LeastBytesPerSecond, s_slowness);
        foreach (var listener in options.Listeners)
            kestrel.Listen((IPEndPoint)listener.Address, listen => listen.Protocols = HttpProtocols.Http1);
        foreach (var listener in options.TlsListeners)
        {
            kestrel.Listen((IPEndPoint)listener.Address, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(TlsConnection.Middleware(certificates is null ? throw new InvalidDataException("TLS needs certificates") : certificates.Select, log.NoHandshake));
            });
        }

        IReadOnlyList<ApiListener> all = [.. options.Listeners, .. options.TlsListeners];
        var transport = Transport.Create(address => all.First(listener => listener.Address.Equals(address)), _ => new Sparing(time, logs.CreateLogger("gateway")), logs);
        var directory = new GatewayDirectory(options.Engine, options.ProbeInterval, log, time);
        var application = new GatewayApplication(() => directory.Routes, options, log, time);
        var server = new KestrelServer(Options.Create(kestrel), transport, logs);
        try
        {
            await server.StartAsync(application, ct).ConfigureAwait(false);
            return new GatewayServer(server, directory, application);
        }
        catch
        {
            await directory.DisposeAsync().ConfigureAwait(false);
            server.Dispose();
            throw;
        }
    }

    /// <summary>Takes no new connections and waits for open requests to end; cancelled, it closes them.</summary>
    public Task StopAsync(CancellationToken cancellation) => _kestrel.StopAsync(cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _kestrel.Dispose();
        await _directory.DisposeAsync().ConfigureAwait(false);
    }
}
