namespace Sampan.Linux.Netlink.Nftables;

/// <summary>The packet is one by which neighbours of version 6 find each other: what ARP is to version 4, but a packet of IP, which rules see.</summary>
/// <param name="Answer">The answer (an advertisement); else the question (a solicitation).</param>
public sealed record NftNeighbour6(bool Answer) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => $"icmpv6 type {(Answer ? "nd-neighbor-advert" : "nd-neighbor-solicit")}";

    internal override void Write(NftExpressionWriter writer)
    {
        const int protocol = 16;
        const byte icmp6 = 58;
        const byte solicitation = 135;
        const byte advertisement = 136;
        writer.LoadMeta(protocol);
        writer.Compare(true, new[] { icmp6 });
        writer.LoadPayload(header: 2, offset: 0, sizeof(byte));
        writer.Compare(true, new[] { Answer ? advertisement : solicitation });
    }
}
