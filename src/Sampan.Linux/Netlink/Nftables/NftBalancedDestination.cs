namespace Sampan.Linux.Netlink.Nftables;

/// <summary>
/// Rewrites the destination to one of several: a random slot is the last part of a map's key, and each of those who share fills
/// as many slots as the others. The rule stays as it is when they come and go. Goes on if the map has nobody for the packet.
/// </summary>
/// <param name="Key">What comes before the slot in the map's key.</param>
/// <param name="Map">The map's name.</param>
/// <param name="Version6">The map is about addresses of version 6.</param>
public sealed record NftBalancedDestination(NftBalancedKey Key, string Map, bool Version6 = false) : NftStatement
{
    /// <summary>How many slots there are: a number with many divisors, so that few share evenly, and the most that can share at all.</summary>
    public const int Slots = 240;

    internal const string RandomSlot = "numgen random mod 240";

    /// <inheritdoc/>
    public override string ToString() => $"dnat {Family} to {Fields} . {RandomSlot} map @{Map}";

    private string Family => Version6 ? "ip6" : "ip";

    private string Fields => Key switch
    {
        NftBalancedKey.Address => $"{Family} daddr",
        NftBalancedKey.Port => "meta l4proto . th dport",
        _ => $"{Family} daddr . meta l4proto . th dport",
    };

    internal override void Write(NftExpressionWriter writer)
    {
        var register = NftConstants.NFT_REG32_00;
        if (Key != NftBalancedKey.Port)
        {
            writer.Only(Version6);
            writer.LoadPayload(header: 1, Version6 ? 24 : 16, Version6 ? 16 : 4, register);
            register += Version6 ? 4 : 1;
        }

        if (Key != NftBalancedKey.Address)
        {
            writer.LoadMeta(16, register++);
            writer.LoadPayload(header: 2, 2, 2, register++);
        }

        writer.LoadRandom(Slots, register);
        writer.Lookup(Map, isMap: true, negated: false);
        if (Key == NftBalancedKey.Address)
            writer.DestinationAddress(Version6);
        else
            writer.DestinationNat(Version6);
    }
}
