using System.Net;
using System.Net.Sockets;
using Sampan.DockerApi.Networks;
using Sampan.Engine.Networks;

namespace Sampan.Server.Docker.Networks;

/// <summary>Counts the addresses of a network's subnets.</summary>
internal static class SubnetCount
{
    /// <summary>Those of a network, by subnet; null: it has none.</summary>
    internal static NetworkStatus? Of(NetworkSnapshot network)
    {
        if (network.Subnets.Count == 0)
            return null;
        var members = network.Containers.Values.SelectMany(e => new[] { e.Address, e.Address6 })
            .Concat(network.Services.SelectMany(s => new[] { s.Address, s.Address6 }))
            .OfType<string>().Select(IPAddress.Parse).ToList();
        return new NetworkStatus { IPAM = new IpamStatus { Subnets = network.Subnets.ToDictionary(s => s.Subnet, s => Of(s, members), StringComparer.Ordinal) } };
    }

    private static SubnetStatus Of(SubnetSnapshot subnet, List<IPAddress> members)
    {
        var whole = IPNetwork.Parse(subnet.Subnet);
        var used = members.Concat(subnet.Auxiliary.Values.Select(IPAddress.Parse)).Where(whole.Contains).ToHashSet();
        if (subnet.Gateway is { } gateway)
            used.Add(IPAddress.Parse(gateway));
        // Nobody's own: the subnet's name and, in version 4, the address of all.
        used.Add(whole.BaseAddress);
        if (whole.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
            used.Add(Last(whole));
        var range = subnet.Range is { Length: > 0 } given ? IPNetwork.Parse(given) : whole;
        return new SubnetStatus { IPsInUse = (ulong)used.Count, DynamicIPsAvailable = Less(Size(range), used.Count(range.Contains)) };
    }

    private static IPAddress Last(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }

    // 2^64 and more are told as the greatest number there is.
    private static ulong Size(IPNetwork network)
    {
        var bits = (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) - network.PrefixLength;
        return bits >= 64 ? ulong.MaxValue : 1UL << bits;
    }

    private static ulong Less(ulong size, int used) => size == ulong.MaxValue ? size : size - Math.Min(size, (ulong)used);
}
