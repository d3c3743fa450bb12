using System.Net;
using Sampan.DockerApi.Networks;

namespace Sampan.Cli.Commands.Networks;

/// <summary>Puts together what <c>network create</c> is told in several flags: each range, gateway and auxiliary address belongs to the subnet that it lies in.</summary>
internal static class SubnetFlags
{
    /// <summary>One entry for each subnet.</summary>
    /// <exception cref="CommandException">Something is in no subnet, a subnet has two of a kind, or subnets overlap.</exception>
    internal static IReadOnlyList<IpamConfig> Combine(IReadOnlyList<string> subnets, IReadOnlyList<string> ranges, IReadOnlyList<string> gateways, IReadOnlyDictionary<string, string> auxiliary)
    {
        if (ranges.Count > subnets.Count || gateways.Count > subnets.Count)
            throw new CommandException("every ip-range or gateway must have a corresponding subnet");
        var parts = subnets.Select(s => (Text: s, Network: Parse(s))).ToList();
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts.Take(i).Any(p => p.Network.Contains(parts[i].Network.BaseAddress) || parts[i].Network.Contains(p.Network.BaseAddress)))
                throw new CommandException("multiple overlapping subnet configuration is not supported");
        }

        var (rangeOf, gatewayOf) = (Owners(parts, ranges, "ip-range"), Owners(parts, gateways, "gateway"));
        var auxiliaryOf = auxiliary.ToLookup(a => Owner(parts, a.Value) ?? throw new CommandException($"no matching subnet for aux-address {a.Value}"), StringComparer.Ordinal);
        return
        [
            .. subnets.Select(s => new IpamConfig
            {
                Subnet = s,
                IPRange = rangeOf.GetValueOrDefault(s),
                Gateway = gatewayOf.GetValueOrDefault(s),
                AuxiliaryAddresses = auxiliaryOf.Contains(s) ? auxiliaryOf[s].ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal) : null,
            }),
        ];
    }

    private static Dictionary<string, string> Owners(List<(string Text, IPNetwork Network)> subnets, IReadOnlyList<string> values, string flag)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var owner = Owner(subnets, value) ?? throw new CommandException($"no matching subnet for {flag} {value}");
            if (!owners.TryAdd(owner, value))
                throw new CommandException($"cannot configure multiple {flag}s ({value}, {owners[owner]}) on the same subnet ({owner})");
        }

        return owners;
    }

    private static string? Owner(List<(string Text, IPNetwork Network)> subnets, string value) =>
        IPAddress.TryParse(value.Split('/')[0], out var address)
            ? subnets.Where(s => s.Network.Contains(address)).Select(s => s.Text).FirstOrDefault()
            : throw new CommandException($"invalid address {value}");

    // The bits of the host may be set: the engine says what the subnet should be.
    private static IPNetwork Parse(string text)
    {
        if (text.Split('/') is not [var first, var length] || !IPAddress.TryParse(first, out var address) || !byte.TryParse(length, out var bits) || bits > address.GetAddressBytes().Length * 8)
            throw new CommandException($"invalid subnet {text}: invalid CIDR address, one like 172.28.0.0/16 is expected");
        var bytes = address.GetAddressBytes();
        for (var bit = bits; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), bits);
    }
}
