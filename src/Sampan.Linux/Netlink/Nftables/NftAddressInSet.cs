namespace Sampan.Linux.Netlink.Nftables;

/// <summary>The packet's destination is in a set of addresses.</summary>
/// <param name="Set">The set's name.</param>
/// <param name="Version6">Its addresses are of version 6.</param>
public sealed record NftAddressInSet(string Set, bool Version6 = false) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => $"{(Version6 ? "ip6" : "ip")} daddr @{Set}";

    internal override void Write(NftExpressionWriter writer)
    {
        writer.Only(Version6);
        writer.LoadPayload(header: 1, Version6 ? 24 : 16, Version6 ? 16 : 4);
        writer.Lookup(Set, isMap: false, negated: false);
    }
}
