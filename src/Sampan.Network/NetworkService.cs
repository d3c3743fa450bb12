using System.Collections.Immutable;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Netlink.Route;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;
using Sampan.Network.Dns;
using Sampan.Network.Endpoints;
using Sampan.Network.Firewall;
using Sampan.Network.Ports;
using Sampan.Network.Services;

namespace Sampan.Network;

/// <summary>
/// The daemon's networks: bridges, namespaces, addresses, published ports and the firewall. Everything is done by netlink
/// on one thread of its own, in the order it was asked for; every member may be called from any thread.
/// What it makes outlives it: containers keep their networks while the daemon is away.
/// </summary>
public sealed partial class NetworkService : IAsyncDisposable
{
    private readonly NetworkOptions _options;
    private readonly HostThread _thread = new();
    private readonly ITimer _sweeping;

    // From here on: touched on the host thread only, and set before the first caller sees this object.
    private readonly SandboxStore _store;
    private readonly PortTable _ports;
    private readonly SubnetPools _pools;
    private readonly TimeProvider _time;
    private readonly Action<string> _trouble;
    private readonly Dictionary<string, SandboxRecord> _sandboxes = new(StringComparer.Ordinal);
    private readonly List<NetworkState> _networks = [];
    private readonly LinkRemoval _removal = new();
    private SafeFd? _home;
    private RouteSocket? _route;
    private NftSocket? _firewall;
    private SlotPool? _slots;
    private bool _sweepIsDue;

    /// <summary>What <see cref="Networks"/> shows: swapped whole by the host thread.</summary>
    private ImmutableArray<NetworkRecord> _records = [];

    private NetworkService(NetworkOptions options, TimeProvider time)
    {
        _sweeping = time.CreateTimer(_ => _thread.TryPost(Sweep), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _options = options;
        _time = time;
        _trouble = options.Notices;
        _resolvers = new HostResolvers(options.ResolvConf, time);
        _upstream = new Upstream(time);
        _questions = new QuestionThread(options.Notices);
        _pools = new SubnetPools(options.AddressPools);
        _store = new SandboxStore(options.ExecDirectory);
        _services = new ServiceStore(Path.Combine(options.StateDirectory, ServicesDirectory));
        _ports = new PortTable(options.DefaultBindAddress);
    }

    /// <summary>All networks with their members, as of now.</summary>
    public IReadOnlyList<NetworkRecord> Networks => _records;

    /// <summary>The namespaces made ahead, as of now.</summary>
    public PoolState Pool => _slots?.State ?? new PoolState();

    /// <summary>
    /// Makes a network: (1) check name, driver and options (2) choose the subnet (3) remember it (4) the bridge (5) the firewall.
    /// A failure undoes all steps done.
    /// </summary>
    /// <exception cref="NetworkException">Something makes no sense, collides with what is there, or is not supported.</exception>
    public Task<NetworkRecord> CreateAsync(NetworkRequest request, CancellationToken ct) =>
        _thread.InvokeAsync(() =>
        {
            ct.ThrowIfCancellationRequested();
            return Create(request);
        });

    /// <summary>Removes a network that no container is on.</summary>
    /// <param name="networkId">Its id.</param>
    /// <param name="ct">Cancels before anything is done.</param>
    /// <exception cref="NetworkException">It is not there, in use, or predefined.</exception>
    public Task RemoveAsync(string networkId, CancellationToken ct) =>
        _thread.InvokeAsync(() =>
        {
            ct.ThrowIfCancellationRequested();
            Guarded("remove network", networkId, () => Remove(networkId));
        });

    /// <summary>
    /// Puts a container on a network. (1) choose the network (2) reserve address, ports and namespace (3) remember them
    /// (4) give it a namespace made ahead, or reach into the one that is there, **the last cancellable step**; then, while the caller already goes on, (5) links, addresses, routes
    /// (6) publish the ports: <see cref="NetworkAttachment.Wired"/> tells when. A failure undoes all steps done.
    /// </summary>
    /// <exception cref="NetworkException">No such network, an address or a port that is taken, or the kernel refused.</exception>
    public Task<NetworkAttachment> ConnectAsync(EndpointRequest request, CancellationToken ct)
    {
        var attached = new TaskCompletionSource<NetworkAttachment>(TaskCreationOptions.RunContinuationsAsynchronously);
        _thread.Post(() => Connect(request, attached, ct));
        return attached.Task;
    }

    /// <summary>
    /// Takes a container off all its networks: ports, address, namespace. The kernel takes the namespace and the links down on
    /// its own time, after the container's last process is gone. Nothing happens if it is on none.
    /// </summary>
    /// <exception cref="NetworkException">The kernel refused.</exception>
    public Task DisconnectAsync(string containerId, CancellationToken ct) =>
        _thread.InvokeAsync(() =>
        {
            ct.ThrowIfCancellationRequested();
            Guarded("disconnect", containerId, () => Disconnect(containerId));
        });

    /// <summary>Takes a container off one of its networks; its namespace stays. Default route and published ports go to another network, if there is one.</summary>
    /// <exception cref="NetworkException">The container is not on it, or the kernel refused.</exception>
    public Task DisconnectAsync(string containerId, string networkId, CancellationToken ct) =>
        _thread.InvokeAsync(() =>
        {
            ct.ThrowIfCancellationRequested();
            Guarded("disconnect", containerId, () => Leave(containerId, networkId));
        });

    /// <summary>A container has another name from now on. Nothing happens if it is on no network.</summary>
    public Task RenameAsync(string containerId, string name, CancellationToken ct) =>
        _thread.InvokeAsync(() =>
        {
            ct.ThrowIfCancellationRequested();
            Guarded("rename", containerId, () => Rename(containerId, name));
        });

    /// <summary>
    /// Publishes further ports of a container and withdraws others, while it runs: all of it or nothing, in one transaction of
    /// the packet filter. Connections stay, also those to a port that is withdrawn.
    /// </summary>
    /// <param name="containerId">The container, which is on a network.</param>
    /// <param name="add">What is to be published.</param>
    /// <param name="remove">The host's ports that are not to be any more, on whatever addresses.</param>
    /// <param name="ct">Cancels before anything is done.</param>
    /// <returns>All its ports from now on.</returns>
    /// <exception cref="NetworkException">A port is taken, or is not its, or the kernel refused.</exception>
    public Task<IReadOnlyList<PortMapping>> ChangePortsAsync(string containerId, IReadOnlyList<PortRequest> add, IReadOnlyList<HostPort> remove, CancellationToken ct) =>
        _thread.InvokeAsync(() =>
        {
            ct.ThrowIfCancellationRequested();
            return ChangePorts(containerId, add, remove);
        });

    /// <summary>After a restart of the daemon: keeps the endpoints of these containers, removes what is left of all others, and makes the rule set what it should be.</summary>
    /// <exception cref="NetworkException">The kernel refused.</exception>
    public Task AdoptAsync(IReadOnlyCollection<string> liveContainerIds, CancellationToken ct) =>
        AdoptAsync(liveContainerIds, new Dictionary<string, IReadOnlyList<SafeFileHandle>>(), ct);

    /// <summary>As above.</summary>
    /// <param name="liveContainerIds">As above.</param>
    /// <param name="kept">By container, what <see cref="CopyNameSocketsAsync"/> gave to somebody who kept it.</param>
    /// <param name="ct">As above.</param>
    /// <exception cref="NetworkException">As above.</exception>
    public Task AdoptAsync(IReadOnlyCollection<string> liveContainerIds, IReadOnlyDictionary<string, IReadOnlyList<SafeFileHandle>> kept, CancellationToken ct) =>
        _thread.InvokeAsync(() =>
        {
            ct.ThrowIfCancellationRequested();
            Guarded("adopt", "all containers", () => Adopt(liveContainerIds, kept));
        });

    /// <summary>Removes all endpoints, the bridges, the firewall's table, and undoes the change to the host's routing unless others need it by now.</summary>
    /// <exception cref="NetworkException">The kernel refused.</exception>
    public Task ReleaseAllAsync(CancellationToken ct) =>
        _thread.InvokeAsync(() =>
        {
            ct.ThrowIfCancellationRequested();
            Guarded("release", "all networks", ReleaseAll);
        });

    /// <summary>Ends the service's thread and lets go of ports and sockets; the networks stay.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sweeping.DisposeAsync().ConfigureAwait(false);
        StopWatching();
        _thread.Post(() =>
        {
            _slots?.Dispose();
            _shortcut?.Dispose();
            foreach (var containerId in _nameServers.Keys.ToList())
                CloseNameServer(containerId);
            _ports.Dispose();
            _removal.Dispose();
            _firewall?.Dispose();
            _route?.Dispose();
            _home?.Dispose();
        });
        await _thread.DisposeAsync().ConfigureAwait(false);
        _questions.Dispose();
    }

    private SafeFd Home => _home ?? throw NotOpen();

    private RouteSocket Route => _route ?? throw NotOpen();

    private NftSocket Nft => _firewall ?? throw NotOpen();

    private static InvalidOperationException NotOpen() => new("the network service is not open");

    private void AssertRules()
    {
        var networks = _networks.Select(n => n.Bridge).OfType<BridgeNetwork>().Select(b => b.ForFirewall()).ToList();
        var elements = _sandboxes.Values.SelectMany(Elements).ToList();
        var balanced = HasServices ? BalancedElements().ToDictionary(Key, StringComparer.Ordinal) : null;
        Nft.Make(FirewallRules.Build(_options.Bridge, networks, _changes.RoutingTurnedOn, [.. elements, .. balanced?.Values ?? Enumerable.Empty<NftElement>()], _changes.Routing6TurnedOn, services: balanced is not null));
        _balanced = balanced;
    }

    /// <summary>Ports follow the default route: a container without one publishes nothing. Those of a service are <see cref="BalancedElements"/>.</summary>
    private IEnumerable<NftElement> Elements(SandboxRecord sandbox) =>
        sandbox.Ports.Select(p => p.ToMapping()).SelectMany(p => Elements(sandbox, p)).DistinctBy(Key, StringComparer.Ordinal);

    private IEnumerable<NftElement> Elements(SandboxRecord sandbox, PortMapping port)
    {
        var version6 = port.HostAddress.AddressFamily == AddressFamily.InterNetworkV6;
        if (GatewayOf(sandbox, version6) is not { } way || ById(way.Endpoint.NetworkId)?.Bridge is not { } bridge)
            yield break;
        if (port.HostPort > 0 && sandbox.Service is null)
        {
            yield return FirewallRules.Publish(port, way.Address);
            if (bridge.ObeysHost)
                yield return HostPolicyRules.Ask(port);
        }

        if (bridge.ForFirewall().OpensPorts)
            yield return FirewallRules.Open(port, way.Address);
    }

    private void Refresh()
    {
        Rebalance();
        ImmutableInterlocked.InterlockedExchange(ref _records, [.. _networks.Select(Show)]);
        RefreshNames();
    }

    private static void Guarded(string act, string operand, Action body)
    {
        try
        {
            body();
        }
        catch (Exception failure) when (failure is LinuxException or IOException)
        {
            throw new NetworkException(NetworkError.Internal, $"cannot {act} '{operand}': {failure.Message}", failure);
        }
    }
}
