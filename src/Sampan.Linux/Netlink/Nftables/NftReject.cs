namespace Sampan.Linux.Netlink.Nftables;

/// <summary>The end of a rule: the packet is refused and its sender told that nobody is there.</summary>
/// <param name="Tcp">For TCP alone, by a reset; else by ICMP.</param>
public sealed record NftReject(bool Tcp) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => Tcp ? "meta l4proto tcp reject with tcp reset" : "reject with icmpx port-unreachable";

    internal override void Write(NftExpressionWriter writer)
    {
        const int protocol = 16;
        const byte tcp = 6;
        const byte portUnreachable = 1;
        if (Tcp)
        {
            writer.LoadMeta(protocol);
            writer.Compare(true, new[] { tcp });
            writer.Reject(type: 1, code: 0);
        }
        else
        {
            writer.Reject(type: 2, portUnreachable);
        }
    }
}
