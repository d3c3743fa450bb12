using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Network.Dns;
using Sampan.Network.Endpoints;
using Sampan.Network.Firewall;

namespace Sampan.Network;

public sealed partial class NetworkService
{
    private readonly Dictionary<string, NameServer> _nameServers = new(StringComparer.Ordinal);
    private readonly HostResolvers _resolvers;
    private readonly Upstream _upstream;
    private readonly QuestionThread _questions;

    /// <summary>Swapped whole by the host thread, read by the name servers.</summary>
    private volatile NameDirectory _directory = new([], []);

    private static bool HasNames(NetworkState network) => network is { Addressed: not null, IsPredefined: false };

    private bool HasNames(SandboxRecord sandbox) => sandbox.Endpoints.Any(e => ById(e.NetworkId) is { } network && HasNames(network));

    private void RefreshNames() => _directory = new NameDirectory(
        [.. _sandboxes.Values.Where(s => _nameServers.ContainsKey(s.ContainerId) || HasNames(s))],
        [.. _networks.Where(n => n.Addressed is not null).OrderBy(n => n.Document.Name, StringComparer.Ordinal).Select(n => new NamedNetwork(n.Document.Id, n.Document.Name, [.. n.Bridge?.Subnets.Select(s => s.Gateway) ?? []], n.Addressed?.IsInternal ?? true, HasNames(n)) { Services = [.. n.Services.Values] })]);

    /// <summary>
    /// Gives a container its resolver: two sockets on free ports of its namespace, and rules inside that lead port 53 of
    /// 127.0.0.11 there (<see cref="NameRules"/>). Nothing happens if it has one.
    /// </summary>
    /// <param name="sandbox">The container's.</param>
    /// <param name="space">Its namespace.</param>
    /// <param name="kept">Those that were kept for it since an earlier daemon, if they are there: questions may wait in them.</param>
    private void OpenNameServer(SandboxRecord sandbox, SafeFd space, IReadOnlyList<SafeFileHandle>? kept = null)
    {
        if (_nameServers.ContainsKey(sandbox.ContainerId))
            return;
        var (datagrams, streams, filter) = NetworkNamespace.OpenSockets(Home, space);
        using (filter)
        {
            var sockets = (Datagrams: Own(datagrams), Streams: Own(streams));
            if (kept is not null && NameServer.Of(kept) is { } listening)
            {
                sockets.Datagrams.Dispose();
                sockets.Streams.Dispose();
                sockets = listening;
            }
            else
            {
                NameServer.Listen(sockets.Datagrams, sockets.Streams);
            }

            IReadOnlyList<IPEndPoint> own = [.. sandbox.DnsServers.Select(s => new IPEndPoint(IPAddress.Parse(s), NameRules.NamePort))];
            var server = new NameServer(
                sandbox.ContainerId,
                sockets,
                () => _directory,
                () => own.Count > 0 ? own : _options.Resolvers.Count > 0 ? _options.Resolvers : _resolvers.Servers,
                _upstream,
                _questions,
                _time);
            _nameServers[sandbox.ContainerId] = server;
            filter.Make(NameRules.Build(server.Ports));
        }
    }

    private static Socket Own(SafeFd fresh) => new(new SafeSocketHandle(fresh.Release(), ownsHandle: true));

    /// <summary>The sockets hold the namespace: they go before it. Nobody waits for the last answers.</summary>
    private void CloseNameServer(string containerId)
    {
        if (_nameServers.Remove(containerId, out var server))
            _ = server.DisposeAsync().AsTask();
    }

    /// <summary>
    /// Copies of the sockets at which a container asks for names, the caller's: who keeps them until the container ends, and gives them to the
    /// next daemon's <see cref="AdoptAsync(IReadOnlyCollection{string}, IReadOnlyDictionary{string, IReadOnlyList{SafeFileHandle}}, CancellationToken)"/>,
    /// has questions wait for that daemon. Empty: it has none.
    /// </summary>
    /// <exception cref="NetworkException">No descriptors are left.</exception>
    public Task<IReadOnlyList<SafeHandle>> CopyNameSocketsAsync(string containerId) =>
        _thread.InvokeAsync(() =>
        {
            IReadOnlyList<SafeHandle> copies = [];
            Guarded("copy the name sockets of", containerId, () => copies = _nameServers.TryGetValue(containerId, out var server) ? server.Copies() : []);
            return copies;
        });

    /// <summary>A new daemon serves the containers of the last one again. A container that may change its own rules can see to it that it finds no names, and to nothing else.</summary>
    private void ReopenNameServers(IReadOnlyDictionary<string, IReadOnlyList<SafeFileHandle>> kept)
    {
        foreach (var sandbox in _sandboxes.Values.Where(HasNames))
        {
            try
            {
                using var space = NetworkNamespace.Open(_store.NamespacePath(sandbox.ContainerId));
                OpenNameServer(sandbox, space, kept.GetValueOrDefault(sandbox.ContainerId));
            }
            catch (Exception failure) when (failure is LinuxException or SocketException)
            {
                _trouble($"container {sandbox.ContainerName} finds no names until it is started again: {failure.Message}");
            }
        }

        // What nobody took.
        foreach (var file in kept.Values.SelectMany(files => files))
            file.Dispose();
    }
}
