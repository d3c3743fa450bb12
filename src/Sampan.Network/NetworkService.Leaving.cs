using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Processes;
using Sampan.Network.Bridges;
using Sampan.Network.Endpoints;

namespace Sampan.Network;

/// <content>Containers that leave their networks, and what is swept up after those that could not.</content>
public sealed partial class NetworkService
{
    /// <summary>Takes a container off all networks: first its ports, so that nobody is sent to an address that may have another owner soon.</summary>
    private void Disconnect(string containerId)
    {
        if (!_sandboxes.TryGetValue(containerId, out var record))
            return;
        Lengthen(record.Endpoints);
        Withdraw(record);
        CloseNameServer(containerId);
        NetworkNamespace.Drop(_store.NamespacePath(containerId));
        _store.Remove(containerId);
        Forget(record);
        Refresh();
        ForgetDatagrams(record);
        if (record.Endpoints.Any(e => e.HostLink is not null) && !_sweepIsDue)
        {
            _sweepIsDue = true;
            _sweeping.Change(s_sweepDelay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Takes a container off one network: (1) forget the endpoint (2) ports (3) links (4) the default route.</summary>
    private void Leave(string containerId, string networkId)
    {
        var network = ById(networkId) ?? throw NotFound(networkId);
        if (!_sandboxes.TryGetValue(containerId, out var before) || before.On(networkId) is not { } endpoint)
            throw new NetworkException(NetworkError.NotConnected, $"container {containerId} is not connected to network {network.Document.Name}");

        // 1
        var after = before.Without(endpoint);
        Remember(containerId, after);

        FailPoint.Reach("disconnect.record-stored");

        // 2
        try
        {
            Republish(before, after, null);
        }
        catch (LinuxException gone) when (gone.Errno == Errno.ENOENT)
        {
            AssertRules(); // somebody flushed the host's rules
        }

        // 3
        Lengthen([endpoint]);
        RemoveLink(containerId, endpoint);
        FreeAddresses(endpoint);

        FailPoint.Reach("disconnect.links-removed");

        // 4
        foreach (var way in s_versions.Where(v => GatewayOf(before, v)?.Endpoint == endpoint).Select(v => GatewayOf(after, v)).OfType<WayOut>())
        {
            using var wiring = EndpointWiring.Open(Home, _store.NamespacePath(containerId));
            wiring.RouteBy(way);
        }

        Refresh();
    }

    private void RemoveLink(string containerId, EndpointRecord endpoint)
    {
        if (endpoint.HostLink is { } name)
        {
            if (Route.FindLink(name) is { } link)
                _removal.Remove(Route, link);
        }
        else if (endpoint.ContainerLink is { } inside)
        {
            using var wiring = EndpointWiring.Open(Home, _store.NamespacePath(containerId));
            wiring.RemoveLink(inside);
        }
    }

    private void Rename(string containerId, string name)
    {
        if (!_sandboxes.TryGetValue(containerId, out var record))
            return;
        Remember(containerId, record with { ContainerName = name });
        Refresh();
    }

    /// <summary>
    /// The kernel takes a pair of links down with the container's namespace, in bulk and on its own time, which costs nobody
    /// anything. But somebody else may hold the namespace (nsenter, a debugger): its link must not stay on the bridge.
    /// </summary>
    private void Sweep()
    {
        _sweepIsDue = false;
        try
        {
            RemoveUnknownLinks();
        }
        catch (LinuxException)
        {
            // The next disconnection tries again; nobody waits for this one who could be told.
        }
    }

    private void RemoveUnknownLinks()
    {
        var known = _sandboxes.Values.SelectMany(s => s.Endpoints).Select(e => e.HostLink).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var bridges = _networks.Select(n => n.Bridge).OfType<BridgeNetwork>().Select(b => b.Index).ToHashSet();
        foreach (var link in Route.Links().Where(l => l is { Kind: "veth", Master: { } master } && bridges.Contains(master) && IsOurs(l.Name) && !known.Contains(l.Name)))
            _removal.Remove(Route, link);
    }

    // Somebody may have put a link of their own on the bridge.
    private static bool IsOurs(string link) =>
        link.Length == LinkPrefix.Length + LinkIdLength && link.StartsWith(LinkPrefix, StringComparison.Ordinal) && link[LinkPrefix.Length..].All(char.IsAsciiHexDigitLower);

    private void Withdraw(SandboxRecord record)
    {
        var elements = Elements(record).ToList();
        try
        {
            Nft.Commit(new NftBatch().DeleteElements(_options.Bridge, elements));
        }
        catch (LinuxException gone) when (gone.Errno == Errno.ENOENT)
        {
            // Somebody flushed the host's rules: put them back, without this endpoint.
            _sandboxes.Remove(record.ContainerId);
            AssertRules();
        }

        ForgetFlows(record.Ports);
    }

    private void Forget(SandboxRecord record)
    {
        _sandboxes.Remove(record.ContainerId);
        _ports.Free(record.ContainerId);
        foreach (var endpoint in record.Endpoints)
            FreeAddresses(endpoint);
    }

    private void FreeAddresses(EndpointRecord endpoint)
    {
        foreach (var version6 in s_versions)
        {
            if (endpoint.AddressOf(version6) is { } address)
                ById(endpoint.NetworkId)?.Addressed?.Of(version6)?.Addresses.Free(address);
        }
    }
}
