using System.Net;
using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Proc;
using Sampan.Network.Addresses;

namespace Sampan.Network.Endpoints;

/// <summary>A container's network namespace while it is being set up: the path that keeps it, and a socket inside.</summary>
internal sealed class EndpointWiring : IDisposable
{
    private const string ContainerLink = "eth0";

    private readonly SafeFd _namespace;
    private readonly RouteSocket _inside;

    private EndpointWiring(SafeFd ofContainer, RouteSocket inside) => (_namespace, _inside) = (ofContainer, inside);

    /// <summary>Makes the namespace, with its loopback up. Only on the host thread.</summary>
    /// <param name="home">The host's namespace, to come back to.</param>
    /// <param name="path">The file that keeps the namespace.</param>
    /// <exception cref="LinuxException">The kernel refused; the file is gone.</exception>
    internal static EndpointWiring Make(SafeFd home, string path) => HostThread.InNewNamespace(home, () =>
    {
        var inside = RouteSocket.Open();
        SafeFd? ofContainer = null;
        try
        {
            ofContainer = NetworkNamespace.OpenCurrent();
            inside.Commit(new RouteBatch().SetUp("lo"));

            // The network is of version 4 only: links that come later start without IPv6 (CVE-2024-32473) and believe no
            // router (CVE-2020-13401); the loopback keeps its ::1, as in Docker.
            Sysctl.Write("net/ipv6/conf/default/accept_ra", "0");
            Sysctl.Write("net/ipv6/conf/default/disable_ipv6", "1");
            NetworkNamespace.Keep(path);
            return new EndpointWiring(ofContainer, inside);
        }
        catch
        {
            ofContainer?.Dispose();
            inside.Dispose();
            throw;
        }
    });

    /// <summary>Puts the pair of links in place: one end a port of the bridge, the other in the container with address and default route.</summary>
    /// <param name="host">The host's links.</param>
    /// <param name="bridge">The bridge.</param>
    /// <param name="hostLink">The name of the host's end.</param>
    /// <param name="address">The container's address.</param>
    /// <param name="hardware">Its hardware address.</param>
    /// <param name="hairpin">
    /// The container may call its own published port by the host's address. Where br_netfilter is loaded, the bridge itself
    /// rewrites such a packet and would not send it back by the port it came from. Only for containers that publish: it also
    /// shows a container its own broadcasts.
    /// </param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Connect(RouteSocket host, BridgeNetwork bridge, string hostLink, IPAddress address, HardwareAddress hardware, bool hairpin)
    {
        var outside = new RouteBatch()
            .AddVeth(new VethPair
            {
                Name = hostLink,
                Master = bridge.Index,
                Mtu = bridge.Mtu,
                PeerName = ContainerLink,
                PeerNamespace = _namespace,
                PeerHardwareAddress = hardware.Bytes,
            })
            .SetUp(hostLink, noIPv6Addresses: true);
        if (hairpin)
            outside.SetHairpin(hostLink);
        host.Commit(outside);
        var link = _inside.FindLink(ContainerLink)
            ?? throw new NetworkException(NetworkError.Internal, $"the link '{ContainerLink}' did not arrive in the container's namespace");
        var batch = new RouteBatch().AddAddress(link.Index, address, bridge.Subnet.PrefixLength).SetUp(link.Index);
        if (!bridge.IsInternal)
            batch.AddRoute(link.Index, IPAddress.Any, 0, bridge.Gateway);
        _inside.Commit(batch);
    }

    public void Dispose()
    {
        _inside.Dispose();
        _namespace.Dispose();
    }
}
