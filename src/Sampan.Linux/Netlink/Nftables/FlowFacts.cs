using System.Net;

namespace Sampan.Linux.Netlink.Nftables;

/// <summary>What connection tracking says of a flow that arrived at a certain address.</summary>
/// <param name="Protocol">The protocol's number.</param>
/// <param name="IsClosed">Of TCP: both ends have closed it, or nothing is left but to wait.</param>
/// <param name="Original">The flow as its first packet was (<c>CTA_TUPLE_ORIG</c>).</param>
internal sealed record FlowFacts(byte Protocol, bool IsClosed, byte[] Original)
{
    private const ushort OriginalTuple = 1;
    private const ushort ReplyTuple = 2;
    private const ushort ProtocolFacts = 4;
    private const ushort TupleAddresses = 1;
    private const ushort TupleProtocol = 2;
    private const ushort Source4 = 1;
    private const ushort Source6 = 3;

    // <linux/netfilter/nf_conntrack_tcp.h>: 1 to 6 are from the first SYN to the last FIN, 7 is TIME_WAIT, 8 CLOSE, 9 a simultaneous SYN.
    private const byte TimeWait = 7;
    private const byte Close = 8;

    /// <summary>Reads a flow (<c>CTA_…</c>); null: it leads elsewhere, or makes no sense.</summary>
    internal static FlowFacts? Read(NetlinkAttributes flow, IPAddress address)
    {
        byte[]? original = null;
        byte? protocol = null;
        var arrives = false;
        var closed = false;
        while (flow.MoveNext())
        {
            if (flow.Type == OriginalTuple)
                original = flow.Value.ToArray();
            else if (flow.Type == ReplyTuple)
                (arrives, protocol) = Answers(flow.Inner, address);
            else if (flow.Type == ProtocolFacts)
                closed = StateOf(flow.Inner) is TimeWait or Close;
        }

        return arrives && original is not null && protocol is { } number ? new FlowFacts(number, closed, original) : null;
    }

    // Who answers is where the flow arrived, after all rewriting.
    private static (bool Arrives, byte? Protocol) Answers(NetlinkAttributes tuple, IPAddress address)
    {
        Span<byte> wanted = stackalloc byte[16];
        address.TryWriteBytes(wanted, out var length);
        var arrives = false;
        byte? protocol = null;
        while (tuple.MoveNext())
        {
            var inner = tuple.Inner;
            while (inner.MoveNext())
            {
                if (tuple.Type == TupleAddresses && inner.Type is (Source4 or Source6))
                    arrives |= inner.Value.SequenceEqual(wanted[..length]);
                else if (tuple.Type == TupleProtocol && inner.Type == 1 && inner.Value.Length == 1)
                    protocol = inner.Value[0];
            }
        }

        return (arrives, protocol);
    }

    private static byte? StateOf(NetlinkAttributes facts)
    {
        while (facts.MoveNext())
        {
            if (facts.Type != 1) // CTA_PROTOINFO_TCP
                continue;
            var tcp = facts.Inner;
            while (tcp.MoveNext())
            {
                if (tcp.Type == 1 && tcp.Value.Length == 1)
                    return tcp.Value[0];
            }
        }

        return null;
    }
}
