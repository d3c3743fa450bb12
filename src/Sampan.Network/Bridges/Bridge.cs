using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Proc;
using Sampan.Network.Addresses;

namespace Sampan.Network.Bridges;

/// <summary>The interface of a bridge network: made, or found from the daemon's last run and brought into shape.</summary>
internal static class Bridge
{
    private const string Kind = "bridge";

    /// <summary>Makes the bridge be there with this address, and nothing else of version 4 or 6 on it.</summary>
    /// <returns>The number of the interface.</returns>
    /// <exception cref="NetworkException">Its name is another interface's, or its subnet is another link's.</exception>
    internal static int Ensure(RouteSocket route, string name, IReadOnlyList<(IPAddress Address, Subnet Subnet)> addresses, int mtu)
    {
        var link = route.FindLink(name);
        if (link is not null && link.Kind != Kind)
            throw new NetworkException(NetworkError.Conflict, $"the interface '{name}' exists and is not a bridge: choose another name with --bridge");
        foreach (var (_, subnet) in addresses)
            RefuseOverlap(route, link?.Index, name, subnet);

        if (link is null)
        {
            route.Commit(new RouteBatch().AddBridge(name, HardwareAddress.Random().Bytes));
            link = route.FindLink(name) ?? throw new NetworkException(NetworkError.Internal, $"the bridge '{name}' vanished while it was made");
        }

        SetVersion6(name, addresses.Any(a => a.Subnet.IsVersion6));

        // A connection from the host's own 127.0.0.1 to a published port leaves by the bridge with that source; the
        // firewall's guard chain keeps containers from naming 127.0.0.0/8 in turn.
        Sysctl.Write($"net/ipv4/conf/{name}/route_localnet", "1");

        var batch = new RouteBatch();
        var present = route.Addresses().Where(a => a.Index == link.Index && !a.Address.IsIPv6LinkLocal).ToList();
        // Addresses of services, alone in their prefix, are the service's to keep or remove.
        foreach (var old in present.Where(o => !IsAlone(o, addresses) && !addresses.Any(a => a.Address.Equals(o.Address) && a.Subnet.PrefixLength == o.PrefixLength)))
            batch.DeleteAddress(link.Index, old.Address, old.PrefixLength);
        foreach (var (address, subnet) in addresses.Where(a => !present.Exists(o => o.Address.Equals(a.Address) && o.PrefixLength == a.Subnet.PrefixLength)))
            batch.AddAddress(link.Index, address, subnet.PrefixLength);
        if (link.Mtu != mtu)
            batch.SetMtu(link.Index, mtu);
        batch.SetUp(link.Index);
        if (addresses.Any(a => a.Subnet.IsVersion6))
            batch.AcceptLoopback6(link.Index); // what route_localnet is in version 4
        route.Commit(batch);
        return link.Index;
    }

    private static bool IsAlone(LinkAddress present, IReadOnlyList<(IPAddress Address, Subnet Subnet)> addresses) =>
        present.PrefixLength == (present.Address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32) && addresses.Any(a => a.Subnet.Contains(present.Address));

    /// <summary>Removes a bridge and every link pair that is a port of it.</summary>
    internal static void Remove(RouteSocket route, LinkRemoval removal, string name)
    {
        if (route.FindLink(name) is not { Kind: Kind } bridge)
            return;
        foreach (var port in route.Links().Where(l => l.Master == bridge.Index))
            removal.Remove(route, port);
        removal.Remove(route, bridge);
    }

    /// <summary>The largest packet of the link that the host's default route uses, or 1500.</summary>
    internal static int HostMtu(RouteSocket route)
    {
        const int ethernet = 1500;
        var chosen = route.Routes().Where(r => r is { PrefixLength: 0, Index: not null }).OrderBy(r => r.Metric).FirstOrDefault();
        return route.Links().FirstOrDefault(l => l.Index == chosen?.Index)?.Mtu ?? ethernet;
    }

    // CVE-2024-32473 (IPv6 left on in a network of version 4 only) and CVE-2020-13401 (a container's router
    // advertisements re-route the host). A kernel without IPv6 has neither parameter nor problem.
    private static void SetVersion6(string name, bool open)
    {
        Sysctl.Write($"net/ipv6/conf/{name}/accept_ra", "0");
        Sysctl.Write($"net/ipv6/conf/{name}/accept_dad", "0");
        if (!Sysctl.Write($"net/ipv6/conf/{name}/disable_ipv6", open ? "0" : "1") && open)
            throw new NetworkException(NetworkError.NotSupported, $"cannot give bridge '{name}' addresses of version 6: this kernel has no IPv6");
    }

    private static void RefuseOverlap(RouteSocket route, int? bridge, string name, Subnet subnet)
    {
        var other = route.Routes(subnet.IsVersion6).FirstOrDefault(r => r is { PrefixLength: > 0, Destination.IsIPv6LinkLocal: false } && r.Index != bridge && subnet.Overlaps(r.Destination, r.PrefixLength));
        if (other is null)
            return;
        var link = route.Links().FirstOrDefault(l => l.Index == other.Index)?.Name ?? "another interface";
        throw new NetworkException(
            NetworkError.Conflict,
            $"the subnet '{subnet}' of bridge '{name}' overlaps the route '{other.Destination}/{other.PrefixLength}' of '{link}': choose another subnet (for the default bridge with --bip)");
    }
}
