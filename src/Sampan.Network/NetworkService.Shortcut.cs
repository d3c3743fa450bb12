using Sampan.Linux;
using Sampan.Linux.Netlink.Route;
using Sampan.Network.Bridges;
using Sampan.Network.Endpoints;

namespace Sampan.Network;

/// <content>Packets to containers that go past their network's bridge. What cannot be had of it is told, and packets go by the bridge.</content>
public sealed partial class NetworkService
{
    private Shortcut? _shortcut;

    /// <summary>Endpoints whose packets take the way past the bridge, by their ids; null: the kernel has no such way.</summary>
    internal IReadOnlyDictionary<string, (int Port, int? Leads)>? ShortcutPlaces => _shortcut?.Places;

    /// <summary>A network as it is shown.</summary>
    private NetworkRecord Show(NetworkState network) =>
        network.ToRecord(_sandboxes.Values) with { Shortcut = network.Bridge is { } bridge ? HasShortcut(bridge) : null };

    /// <summary>Whether packets to containers of a network go past its bridge.</summary>
    private bool HasShortcut(BridgeNetwork bridge) => _shortcut is { IsRefused: false } && bridge.WantsShortcut(_options);

    /// <summary>
    /// Loads the program, and gives it to the containers that are there: filters of the daemon before, with tables that nobody keeps any
    /// more, are replaced, or removed where packets are to go by the bridge from now on.
    /// </summary>
    private void OpenShortcut()
    {
        _shortcut = Shortcut.TryLoad(_options.Bridge, out var why);
        if (why is not null && _networks.Exists(n => n.Bridge?.WantsShortcut(_options) is true))
            _trouble($"containers of one network talk by its bridge: {why}");
        foreach (var bridge in _networks.Select(n => n.Bridge).OfType<BridgeNetwork>().Where(b => !TryShortenFromHost(b)))
            RemoveFilter(bridge.Index, outgoing: true);
        var links = Route.Links().Where(l => l is { Kind: "veth", Master: not null }).ToDictionary(l => l.Name, StringComparer.Ordinal);
        foreach (var endpoint in _sandboxes.Values.SelectMany(s => s.Endpoints).Where(e => e.HostLink is not null))
        {
            if (!links.TryGetValue(endpoint.HostLink ?? "", out var link) || ById(endpoint.NetworkId)?.Bridge is not { } bridge)
                continue;
            if (!TryShorten(endpoint, bridge, link.Index, prepared: false))
                RemoveFilter(link.Index, outgoing: false);
        }
    }

    /// <summary>What the host sends to a network's containers, its own and what it leads there, takes the way past the bridge, if the network has one.</summary>
    private bool TryShortenFromHost(BridgeNetwork bridge)
    {
        if (_shortcut is not { } shortcut || !HasShortcut(bridge))
            return false;
        try
        {
            shortcut.PrepareBridge(Route, bridge);
            return true;
        }
        catch (LinuxException refused)
        {
            _trouble($"packets from the host go by the bridge '{bridge.Name}': {refused.Message}");
            return false;
        }
    }

    /// <summary>An endpoint's packets take the way past the bridge, if its network's do.</summary>
    /// <param name="endpoint">The endpoint, whose links are there.</param>
    /// <param name="bridge">Its network.</param>
    /// <param name="port">The number of the host's end; null: to be found.</param>
    /// <param name="prepared">The filter is there.</param>
    private bool TryShorten(EndpointRecord endpoint, BridgeNetwork bridge, int? port, bool prepared)
    {
        if (_shortcut is not { } shortcut || !HasShortcut(bridge))
            return false;
        try
        {
            if ((port ?? Route.FindLink(endpoint.HostLink ?? "")?.Index) is not { } index)
                return false;
            if (!prepared)
                shortcut.Prepare(Route, index);
            shortcut.Add(endpoint, bridge, index);
            return true;
        }
        catch (LinuxException refused)
        {
            _trouble($"packets of the link '{endpoint.HostLink}' go by the bridge: {refused.Message}");
            return false;
        }
    }

    /// <summary>Endpoints that are about to go: packets for them go by the bridge, which knows soon that nobody is there.</summary>
    private void Lengthen(IEnumerable<EndpointRecord> endpoints)
    {
        foreach (var endpoint in endpoints)
            _shortcut?.Remove(endpoint);
    }

    private void RemoveFilter(int link, bool outgoing)
    {
        try
        {
            Route.Commit(new RouteBatch().RemoveFilter(link, outgoing));
        }
        catch (LinuxException none) when (none.Errno is Errno.ENOENT or Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENODEV)
        {
            // There was none.
        }
    }
}
