using System.Net;
using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Route;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;

namespace Sampan.Network.Endpoints;

/// <summary>A container's network namespace while it is being set up: the path that keeps it, and a socket inside.</summary>
internal sealed class EndpointWiring : IDisposable
{
    // The network is of version 4 only: links that come later start without IPv6 (CVE-2024-32473) and believe no router
    // (CVE-2020-13401); the loopback, which is there already, keeps its ::1, as in Docker.
    private static readonly (string Name, string Value)[] s_parameters =
    [
        ("net/ipv6/conf/default/accept_ra", "0"),
        ("net/ipv6/conf/default/disable_ipv6", "1"),
    ];

    private readonly NewNamespace _namespace;

    private EndpointWiring(NewNamespace ofContainer) => _namespace = ofContainer;

    /// <summary>The namespace.</summary>
    internal SafeFd Space => _namespace.Descriptor;

    /// <summary>Makes the namespace, with its loopback up. Only on the host thread.</summary>
    /// <param name="home">The host's namespace, to come back to.</param>
    /// <param name="path">The file that keeps the namespace.</param>
    /// <exception cref="LinuxException">The kernel refused; the file is gone.</exception>
    internal static EndpointWiring Make(SafeFd home, string path)
    {
        var made = NetworkNamespace.Create(home, s_parameters);
        try
        {
            made.Route.Commit(new RouteBatch().SetUp("lo"));
            NetworkNamespace.Keep(made.Descriptor, path);
            return new EndpointWiring(made);
        }
        catch
        {
            made.Dispose();
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
        return new EndpointWiring(NetworkNamespace.Reach(home, target, []));
    }

    /// <summary>Puts the pair of links in place: one end a port of the bridge, the other in the container with address and default route.</summary>
    /// <param name="host">The host's links.</param>
    /// <param name="bridge">The bridge.</param>
    /// <param name="names">The names of the host's end and of the container's.</param>
    /// <param name="address">The container's address.</param>
    /// <param name="hardware">Its hardware address.</param>
    /// <param name="hairpin">
    /// The container may call its own published port by the host's address. Where br_netfilter is loaded, the bridge itself
    /// rewrites such a packet and would not send it back by the port it came from. Only for containers that publish: it also
    /// shows a container its own broadcasts.
    /// </param>
    /// <param name="isGateway">The default route goes this way, whatever way it went before.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Connect(RouteSocket host, BridgeNetwork bridge, (string Host, string Container) names, IPAddress address, HardwareAddress hardware, bool hairpin, bool isGateway)
    {
        var outside = new RouteBatch()
            .AddVeth(new VethPair
            {
                Name = names.Host,
                Master = bridge.Index,
                Mtu = bridge.Mtu,
                PeerName = names.Container,
                PeerNamespace = _namespace.Descriptor,
                PeerHardwareAddress = hardware.Bytes,
            })
            .SetUp(names.Host, noIPv6Addresses: true);
        if (hairpin)
            outside.SetHairpin(names.Host);
        if (!bridge.Settings.InterContainer)
            outside.SetIsolated(names.Host);
        host.Commit(outside);
        var link = Find(names.Container);
        var batch = new RouteBatch().AddAddress(link.Index, address, bridge.Subnet.PrefixLength).SetUp(link.Index);
        if (isGateway)
            batch.ReplaceRoute(link.Index, IPAddress.Any, 0, bridge.Gateway);
        _namespace.Route.Commit(batch);
    }

    /// <summary>Has the default route go by another link.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void RouteBy(string containerLink, IPAddress gateway) =>
        _namespace.Route.Commit(new RouteBatch().ReplaceRoute(Find(containerLink).Index, IPAddress.Any, 0, gateway));

    private Link Find(string name) =>
        _namespace.Route.FindLink(name) ?? throw new NetworkException(NetworkError.Internal, $"the link '{name}' is not in the container's namespace");

    public void Dispose() => _namespace.Dispose();
}
