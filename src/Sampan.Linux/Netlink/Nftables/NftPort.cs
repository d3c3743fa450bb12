namespace Sampan.Linux.Netlink.Nftables;

/// <summary>The packet's protocol is TCP or UDP, and one of its ports is this one.</summary>
/// <param name="Protocol">6 or 17.</param>
/// <param name="Source">The source's port; else the destination's.</param>
/// <param name="Port">The port.</param>
public sealed record NftPort(byte Protocol, bool Source, ushort Port) : NftStatement
{
    private const byte Tcp = 6;
    private const byte Udp = 17;

    /// <inheritdoc/>
    public override string ToString() => $"{Header(Protocol)} {(Source ? "sport" : "dport")} {Port}";

    internal override void Write(NftExpressionWriter writer)
    {
        writer.LoadMeta(16);
        writer.Compare(true, new[] { Protocol });
        writer.LoadPayload(header: 2, Offset(Source), sizeof(ushort));
        writer.Compare(true, NftExpressionWriter.BigEndian(Port));
    }

    internal static string Header(byte protocol) => protocol switch
    {
        Tcp => "tcp",
        Udp => "udp",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "TCP (6) or UDP (17) is expected"),
    };

    internal static int Offset(bool source) => source ? 0 : 2;
}
