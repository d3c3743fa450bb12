namespace Sampan.Linux.Netlink.Nftables;

/// <summary>Writes another port into a packet of TCP or UDP, of which nobody keeps a record: answers are another rule's.</summary>
/// <param name="Protocol">6 or 17; a condition before this one says that the packet is of it.</param>
/// <param name="Source">The source's port; else the destination's.</param>
/// <param name="Port">The port.</param>
public sealed record NftSetPort(byte Protocol, bool Source, ushort Port) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => $"{NftPort.Header(Protocol)} {(Source ? "sport" : "dport")} set {Port}";

    internal override void Write(NftExpressionWriter writer) =>
        writer.StorePayload(header: 2, NftPort.Offset(Source), NftExpressionWriter.BigEndian(Port));
}
