using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sampan.Server.Http;
using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>
/// A registry by the <see href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">distribution specification</see>:
/// Kestrel alone, as the engine's API.
/// </summary>
public sealed class RegistryServer : IAsyncDisposable
{
    private static readonly TimeSpan s_slowness = TimeSpan.FromSeconds(60);

    private readonly KestrelServer _kestrel;
    private readonly RegistryApplication _application;
    private readonly RegistryUpkeep _upkeep;

    private RegistryServer(KestrelServer kestrel, RegistryApplication application, RegistryUpkeep upkeep) =>
        (_kestrel, _application, _upkeep) = (kestrel, application, upkeep);

    /// <summary>How many requests have begun and ended; it stands still while the registry is idle.</summary>
    public long Activity => _application.Activity;

    /// <summary>Serves a registry.</summary>
    /// <param name="options">What and how.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where it logs.</param>
    /// <param name="ct">Gives up starting.</param>
    /// <exception cref="InvalidDataException">The file of users or the certificate cannot be used.</exception>
    public static async Task<RegistryServer> StartAsync(RegistryServerOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken ct)
    {
        var log = new RegistryLog(logs.CreateLogger("registry"));
        var users = options.UsersFile is null ? null : RegistryUsers.Open(options.UsersFile, options.Realm, log);
        var certificate = options.CertificateFile is null ? null : TlsCertificate.Open(options.CertificateFile, options.KeyFile ?? options.CertificateFile, log);
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        // Blobs have any size; manifests and blobs have limits of their own, which answer in the registry's words.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, s_slowness);
        kestrel.Limits.MinResponseDataRate = new MinDataRate(240, s_slowness);
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        foreach (var address in options.Listeners.Select(listener => (IPEndPoint)listener.Address))
        {
            kestrel.Listen(address, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (certificate is not null)
                    listen.Use(TlsConnection.Middleware(certificate.Current, log.NoHandshake));
            });
        }
        var transport = Transport.Create(address => options.Listeners.First(listener => listener.Address.Equals(address)), _ => new Sparing(time, logs.CreateLogger("registry")), logs);
        var content = new RegistryContent(options.Store, options.Mirrors, options.IsReadOnly, options.AllowsDeletes, log);
        var application = new RegistryApplication(content, users, options.MaxRequests, time);
        var server = new KestrelServer(Options.Create(kestrel), transport, logs);
        await server.StartAsync(application, ct).ConfigureAwait(false);
        return new RegistryServer(server, application, new RegistryUpkeep(options, log, time));
    }

    /// <summary>Collects garbage soon, and what uploads nobody went on with.</summary>
    public void CollectSoon() => _upkeep.RunSoon();

    /// <summary>Collects garbage now, while it serves.</summary>
    /// <param name="dryRun">True to remove nothing.</param>
    /// <param name="untagged">True to collect manifests without a tag, too, whatever the settings say.</param>
    /// <param name="ct">Ends it early; what was removed stays removed.</param>
    public Collected Collect(bool dryRun, bool untagged, CancellationToken ct) => _upkeep.Collect(dryRun, untagged, ct);

    /// <summary>Takes no new connections and waits for open requests to end; cancelled, it closes them.</summary>
    public Task StopAsync(CancellationToken cancellation) => _kestrel.StopAsync(cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _upkeep.DisposeAsync().ConfigureAwait(false);
        _kestrel.Dispose();
    }
}
