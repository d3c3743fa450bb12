using System.Text;

namespace Sampan.Linux.Netlink.Nftables;

/// <summary>A table of the family <c>inet</c> (versions 4 and 6) with all that is in it: a whole rule set as a value.</summary>
public sealed record NftTable
{
    /// <summary>The name, unique on the host.</summary>
    public required string Name { get; init; }

    /// <summary>The maps.</summary>
    public IReadOnlyList<NftMap> Maps { get; init; } = [];

    /// <summary>The chains; one that is jumped to may come after its jumper.</summary>
    public IReadOnlyList<NftChain> Chains { get; init; } = [];

    /// <summary>The elements the maps start with.</summary>
    public IReadOnlyList<NftElement> Elements { get; init; } = [];

    /// <summary>The table in the language of <see href="https://man7.org/linux/man-pages/man8/nft.8.html">nft(8)</see>, as <c>nft -f</c> would read it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append("table inet ").Append(Name).Append(" {\n");
        foreach (var map in Maps)
        {
            text.Append(map.IsSet ? $"\tset {map.Name} {{\n\t\ttype {Types(map.Key)}\n" : $"\tmap {map.Name} {{\n\t\t{(map.IsBalanced ? $"typeof {Expressions(map.Key, "daddr")} : {Expressions(map.Value, "saddr")}" : $"type {Types(map.Key)} : {Types(map.Value)}")}\n");
            if (map.Memory is { } memory)
                text.Append($"\t\tsize {NftMap.MostRemembered}\n\t\tflags dynamic,timeout\n\t\ttimeout {memory.TotalMinutes}m\n");
            var elements = Elements.Where(e => e.Map == map.Name).ToList();
            if (elements.Count > 0)
                text.Append("\t\telements = { ").AppendJoin(", ", elements).Append(" }\n");
            text.Append("\t}\n\n");
        }

        foreach (var chain in Chains)
        {
            text.Append($"\tchain {chain.Name} {{\n");
            if (chain.Hook is { } hook)
                text.Append("\t\t").Append(hook).Append('\n');
            foreach (var rule in chain.Rules)
                text.Append("\t\t").Append(rule).Append('\n');
            text.Append("\t}\n\n");
        }

        return text.Append("}\n").Replace("\t}\n\n}", "\t}\n}").ToString();
    }

    private static string Expressions(IReadOnlyList<NftType> types, string address) => string.Join(" . ", types.Select(t => t switch
    {
        NftType.IPv4Address => $"ip {address}",
        NftType.IPv6Address => $"ip6 {address}",
        NftType.Protocol => "meta l4proto",
        NftType.Slot => NftBalancedDestination.RandomSlot,
        _ => "th dport",
    }));

    private static string Types(IReadOnlyList<NftType> types) => string.Join(" . ", types.Select(t => t switch
    {
        NftType.IPv4Address => "ipv4_addr",
        NftType.IPv6Address => "ipv6_addr",
        NftType.Protocol => "inet_proto",
        NftType.Slot => "mark",
        _ => "inet_service",
    }));
}
