using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sampan.Server;
using Sampan.Server.Registry;
using Sampan.Storage.Distribution;
using Sampan.Storage.Registry;
using Sampand.Configuration;
using Sampand.Host;

namespace Sampand.Registry;

/// <summary>A running registry with everything that it has open: its root's lock, its store, its sockets.</summary>
internal sealed class RegistryHost : IAsyncDisposable
{
    /// <summary>What to do about a root that is in use.</summary>
    internal const string InUse = "a registry is already running on '{0}': stop it first, or give this one its own --root";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    // Somebody waits: fewer tries than for a pull.
    private static readonly RegistryOptions s_upstreams = new() { MaxAttempts = 3, UserAgent = $"sampan/{EngineVersion.Own}" };

    private readonly RootLock _rootLock;
    private readonly RegistryStore _store;
    private readonly RegistryServer _server;
    private readonly PullThrough? _mirrors;
    private readonly RegistryControl? _control;
    private readonly IReadOnlyList<ApiListener> _listeners;

    private RegistryHost(RootLock rootLock, RegistryStore store, PullThrough? mirrors, RegistryServer server, RegistryControl? control, IReadOnlyList<ApiListener> listeners) =>
        (_rootLock, _store, _mirrors, _server, _control, _listeners) = (rootLock, store, mirrors, server, control, listeners);

    /// <summary>Where it listens, with the ports that were chosen.</summary>
    internal IEnumerable<EndPoint> Addresses => _listeners.Select(listener => listener.Address);

    /// <summary>How many requests have begun and ended.</summary>
    internal long Activity => _server.Activity;

    /// <summary>Starts it: (1) its root, locked (2) its sockets (3) its store and the registries behind it (4) the server (5) where it is asked to collect.</summary>
    /// <exception cref="ConfigurationException">The root or an address is in use, or a file cannot be used.</exception>
    internal static async Task<RegistryHost> StartAsync(RegistryConfiguration settings, TimeProvider time, ILoggerFactory logs)
    {
        var root = settings.Root ?? throw new ConfigurationException("a registry needs a 'root'");
        var listeners = new List<ApiListener>();
        var rootLock = await RootLock.TakeAsync(root, InUse, time); // 1
        RegistryStore? store = null;
        PullThrough? mirrors = null;
        try
        {
            foreach (var address in settings.Listen)
                listeners.Add(Listeners.Bind(address)); // 2
            store = RegistryStore.Open(settings.Store with { Root = root }, time); // 3
            var log = logs.CreateLogger("registry");
            if (settings.Mirrors.Count > 0)
                mirrors = new PullThrough(store, settings.Mirrors, s_upstreams, time, what => DaemonLog.RegistryMirror(log, what));
            var usual = new RegistryServerOptions { Store = store, Listeners = listeners, Mirrors = mirrors };
            var server = await RegistryServer.StartAsync(
                usual with
                {
                    UsersFile = settings.UsersFile,
                    Realm = settings.Realm ?? usual.Realm,
                    CertificateFile = settings.CertificateFile,
                    KeyFile = settings.KeyFile,
                    IsReadOnly = settings.IsReadOnly,
                    AllowsDeletes = settings.AllowsDeletes,
                    MaxRequests = settings.MaxRequests ?? usual.MaxRequests,
                    MaxConnections = settings.MaxConnections ?? usual.MaxConnections,
                    CollectionInterval = settings.CollectionInterval,
                },
                time,
                logs,
                CancellationToken.None); // 4
            return new RegistryHost(rootLock, store, mirrors, server, Control(root, server, time, log), listeners); // 5
        }
        catch (Exception failure)
        {
            listeners.ForEach(listener => listener.Socket.Dispose());
            if (mirrors is not null)
                await mirrors.DisposeAsync();
            store?.Dispose();
            rootLock.Dispose();
            if (failure is InvalidDataException)
                throw new ConfigurationException(failure.Message, failure);
            throw;
        }
    }

    /// <summary>Logs that it serves, and what whoever set it up should know.</summary>
    internal static void TellReady(RegistryConfiguration settings, RegistryHost registry, ILoggerFactory logs)
    {
        var log = logs.CreateLogger("registry");
        var scheme = settings.CertificateFile is null ? "http" : "https";
        DaemonLog.RegistryReady(log, settings.Root ?? "", string.Join(", ", registry.Addresses.Select(address => $"{scheme}://{address}")));
        foreach (var address in registry.Addresses.OfType<IPEndPoint>().Where(address => !IPAddress.IsLoopback(address.Address)))
        {
            if (settings.CertificateFile is null)
                DaemonLog.RegistryPlain(log, address.ToString());
            if (settings.UsersFile is null && !settings.IsReadOnly)
                DaemonLog.RegistryOpen(log, address.ToString());
        }
    }

    private static RegistryControl? Control(string root, RegistryServer server, TimeProvider time, ILogger log)
    {
        try
        {
            return RegistryControl.Listen(root, server.Collect, time);
        }
        catch (Exception refused) when (refused is SocketException or IOException or UnauthorizedAccessException)
        {
            DaemonLog.RegistryWithoutControl(log, root, refused.Message);
            return null;
        }
    }

    /// <summary>Collects garbage soon.</summary>
    internal void CollectSoon() => _server.CollectSoon();

    /// <summary>Takes no new requests, waits a moment for the open ones, and lets go of everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_control is not null)
            await _control.DisposeAsync();
        using var patience = new CancellationTokenSource(s_patience);
        await _server.StopAsync(patience.Token);
        await _server.DisposeAsync();
        foreach (var listener in _listeners)
            listener.Socket.Dispose();
        if (_mirrors is not null)
            await _mirrors.DisposeAsync();
        _store.Dispose();
        _rootLock.Dispose();
    }
}
