using System.Net;
using System.Net.Sockets;
using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Route;
using Sampan.Network.Bridges;
using Sampan.Network.Wires;

namespace Sampan.Network.Endpoints;

/// <summary>A container's network namespace while it is being set up: the path that keeps it, and a socket inside.</summary>
internal sealed class EndpointWiring : IDisposable
{
    private readonly SafeFd _home;
    private readonly NewNamespace _namespace;

    private readonly bool _hasPair;

    private EndpointWiring(SafeFd home, NewNamespace ofContainer, bool hasPair = false) => (_home, _namespace, _hasPair) = (home, ofContainer, hasPair);

    /// <summary>The namespace.</summary>
    internal SafeFd Space => _namespace.Descriptor;

    /// <summary>Gives a slot to a container: from now on its namespace has a name.</summary>
    /// <param name="home">The host's namespace, to come back to.</param>
    /// <param name="slot">Nobody else's; it goes with this.</param>
    /// <param name="path">The file that keeps the namespace.</param>
    /// <exception cref="LinuxException">The kernel refused; the file is gone.</exception>
    internal static EndpointWiring Take(SafeFd home, Slot slot, string path)
    {
        try
        {
            NetworkNamespace.Keep(slot.Namespace.Descriptor, path);
            return new EndpointWiring(home, slot.Namespace, slot.HostLink is not null);
        }
        catch
        {
            slot.Dispose();
            throw;
        }
    }

    /// <summary>Reaches into a namespace that is there. Only on the host thread.</summary>
    /// <param name="home">The host's namespace, to come back to.</param>
    /// <param name="path">The file that keeps the namespace.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal static EndpointWiring Open(SafeFd home, string path)
    {
        using var target = NetworkNamespace.Open(path);
        return new EndpointWiring(home, NetworkNamespace.Reach(home, target, []));
    }

    /// <summary>Puts the pair of links in place: one end a port of the bridge, the other in the container with addresses and default routes.</summary>
    /// <param name="host">The host's links.</param>
    /// <param name="bridge">The bridge.</param>
    /// <param name="plan">What they are to be.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Connect(RouteSocket host, BridgeNetwork bridge, LinkPlan plan)
    {
        var outside = new RouteBatch();
        if (_hasPair)
        {
            Shape(bridge.Mtu, plan);
            outside.SetPort(plan.HostName, bridge.Index, bridge.Mtu);
        }
        else
        {
            outside.AddVeth(new VethPair
            {
                Name = plan.HostName,
                Master = bridge.Index,
                Mtu = bridge.Mtu,
                PeerName = plan.ContainerName,
                PeerNamespace = _namespace.Descriptor,
                PeerHardwareAddress = plan.Hardware?.Bytes,
            });
        }

        outside.SetUp(plan.HostName, noIPv6Addresses: true);
        if (plan.Hairpin)
            outside.SetHairpin(plan.HostName);
        if (!bridge.Settings.InterContainer)
            outside.SetIsolated(plan.HostName);
        host.Commit(outside);
        SetUp(plan);
    }

    /// <summary>Puts a link on a parent's wire into the container.</summary>
    /// <param name="host">The host's links.</param>
    /// <param name="wire">The network.</param>
    /// <param name="plan">What it is to be.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Connect(RouteSocket host, WireNetwork wire, LinkPlan plan)
    {
        var link = new RouteBatch().AddOnWire(wire.Settings.Driver, plan.ContainerName, wire.ParentIndex, _namespace.Descriptor, wire.Settings.Mode, wire.Settings.Flags, wire.Mtu, plan.Hardware?.Bytes);
        ParentLink.Commit(host, link, wire.Settings.Driver, module: wire.Settings.Driver);
        SetUp(plan);
    }

    /// <summary>Removes a link from the container, if it is there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void RemoveLink(string name)
    {
        if (_namespace.Route.FindLink(name) is { } link)
            _namespace.Route.Commit(new RouteBatch().DeleteLink(link.Index));
    }

    /// <summary>Makes the link that was there before its owner what it is to be, while it is down.</summary>
    private void Shape(int mtu, LinkPlan plan)
    {
        var link = Find(Slot.InnerLink);
        var batch = new RouteBatch();
        if (plan.ContainerName != Slot.InnerLink)
            batch.Rename(link.Index, plan.ContainerName);
        if (link.Mtu != mtu)
            batch.SetMtu(link.Index, mtu);
        if (plan.Hardware is { } hardware)
            batch.SetHardwareAddress(link.Index, hardware.Bytes);
        _namespace.Route.Commit(batch);
    }

    /// <summary>Brings the container's end up, once it is there.</summary>
    private void SetUp(LinkPlan plan)
    {
        var link = Find(plan.ContainerName);
        IReadOnlyList<(string Name, string Value)> parameters = plan.Addresses.Any(a => a.Address.AddressFamily == AddressFamily.InterNetworkV6)
            ? [($"net/ipv6/conf/{plan.ContainerName}/disable_ipv6", "0"), .. plan.Parameters]
            : plan.Parameters;
        if (parameters.Count > 0)
            NetworkNamespace.Reach(_home, _namespace.Descriptor, parameters).Dispose();
        var batch = new RouteBatch();
        foreach (var (address, prefixLength) in plan.Addresses)
            batch.AddAddress(link.Index, address, prefixLength);
        batch.SetUp(link.Index);
        foreach (var gateway in plan.Gateways)
            DefaultRoute(batch, link.Index, gateway, plan.IsRouted);
        _namespace.Route.Commit(batch);
    }

    /// <summary>Has the default route of a version go by another link.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void RouteBy(WayOut way) =>
        _namespace.Route.Commit(DefaultRoute(new RouteBatch(), Find(way.Endpoint.ContainerLink ?? "").Index, way.Gateway, way.IsRouted));

    private static RouteBatch DefaultRoute(RouteBatch batch, int link, IPAddress gateway, bool isRouted) =>
        batch.ReplaceRoute(link, gateway.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0, isRouted ? null : gateway);

    private Link Find(string name) =>
        _namespace.Route.FindLink(name) ?? throw new NetworkException(NetworkError.Internal, $"the link '{name}' is not in the container's namespace");

    public void Dispose() => _namespace.Dispose();
}
