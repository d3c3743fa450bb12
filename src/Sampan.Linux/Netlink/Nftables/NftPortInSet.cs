namespace Sampan.Linux.Netlink.Nftables;

/// <summary>The packet's port, perhaps with one of its addresses, is in a set; the key is the address, the protocol, the destination's port.</summary>
/// <param name="Address">True: the source's address begins the key; false: the destination's; null: none does.</param>
/// <param name="Set">The set's name.</param>
/// <param name="Version6">The addresses are of version 6.</param>
public sealed record NftPortInSet(bool? Address, string Set, bool Version6 = false) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key(Address, Version6)} @{Set}";

    internal override void Write(NftExpressionWriter writer)
    {
        Load(writer, Address, Version6);
        writer.Lookup(Set, isMap: false, negated: false);
    }

    internal static string Key(bool? address, bool version6) =>
        $"{(address is { } source ? $"{(version6 ? "ip6" : "ip")} {(source ? "saddr" : "daddr")} . " : "")}meta l4proto . th dport";

    internal static void Load(NftExpressionWriter writer, bool? address, bool version6)
    {
        var register = NftConstants.NFT_REG32_00;
        if (address is { } source)
        {
            writer.Only(version6);
            writer.LoadPayload(header: 1, (source, version6) switch { (true, false) => 12, (false, false) => 16, (true, true) => 8, _ => 24 }, version6 ? 16 : 4, register);
            register += version6 ? 4 : 1;
        }

        writer.LoadMeta(16, register++);
        writer.LoadPayload(header: 2, 2, 2, register);
    }
}
