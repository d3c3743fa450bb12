using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sampan.Linux.Netlink.Nftables;

public sealed partial class NftSocket
{
    private const ushort ConnectionTracking = 1;
    private const ushort GetFlow = 1;
    private const ushort DeleteFlow = 2;
    private const ushort OriginalTuple = 1;
    private const ushort TupleProtocol = 2;
    private const ushort ProtocolNumber = 1;
    private const ushort DestinationPort = 3;
    private const ushort NestedFlag = 0x8000;
    private const byte Version4 = 2;
    private const byte Version6 = 10;

    /// <summary>
    /// Has connection tracking forget the flows of a protocol to some ports. A protocol without connections is rewritten as its
    /// flow's first packet was, for as long as the peer goes on sending: a new owner of the port would never see that peer.
    /// </summary>
    /// <param name="protocol">The protocol's number, 17 for udp.</param>
    /// <param name="ports">The ports as the peers call them.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void ForgetFlows(byte protocol, IReadOnlyCollection<ushort> ports)
    {
        ForgetFlows(Version4, protocol, ports);
        ForgetFlows(Version6, protocol, ports);
    }

    private void ForgetFlows(byte version, byte protocol, IReadOnlyCollection<ushort> ports)
    {
        List<byte[]> flows = [];
        Walk(version, attributes =>
        {
            while (attributes.MoveNext())
            {
                if (attributes.Type == OriginalTuple && IsTo(attributes.Inner, protocol, ports))
                    flows.Add(attributes.Value.ToArray());
            }
        });
        foreach (var flow in flows)
            Forget(version, flow);
    }

    /// <summary>
    /// How many connections to an address are open or on their way to be, as they arrived there: whatever address and port the
    /// peers called. Those that both ends have closed do not count. A kernel that does not show its flows has none.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int CountConnections(IPAddress address)
    {
        var count = 0;
        Walk(VersionOf(address), attributes =>
        {
            if (FlowFacts.Read(attributes, address) is { Protocol: 6, IsClosed: false })
                count++;
        });
        return count;
    }

    /// <summary>
    /// Has connection tracking forget the flows of datagrams that lead to an address, whatever address the peers called: those who
    /// go on sending find another.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void ForgetDatagrams(IPAddress address)
    {
        const byte udp = 17;
        List<byte[]> flows = [];
        Walk(VersionOf(address), attributes =>
        {
            if (FlowFacts.Read(attributes, address) is { Protocol: udp, Original: { } original })
                flows.Add(original);
        });
        foreach (var flow in flows)
            Forget(VersionOf(address), flow);
    }

    private static byte VersionOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? Version6 : Version4;

    private void Walk(byte version, Reader read)
    {
        var question = new NetlinkWriter();
        question.BeginMessage((ConnectionTracking << 8) | GetFlow, NetlinkFlags.Request | NetlinkFlags.Dump, 1);
        question.Fixed((uint)version);
        question.EndMessage();
        var failure = _socket.Query(question, dump: true, (_, payload) => read(Attributes(payload)));
        if (failure is { Errno: Errno.EINVAL or Errno.EOPNOTSUPP })
            return; // a kernel that does not show its flows: they end by themselves, two minutes after their last packet
        if (failure is { } refused)
            throw Exception("list flows", refused);
    }

    /// <summary>Whether a tuple (<c>CTA_TUPLE_ORIG</c>) is of this protocol and to one of these ports.</summary>
    internal static bool IsTo(NetlinkAttributes tuple, byte protocol, IReadOnlyCollection<ushort> ports)
    {
        while (tuple.MoveNext())
        {
            if (tuple.Type != TupleProtocol)
                continue;
            byte? number = null;
            ushort? port = null;
            var inner = tuple.Inner;
            while (inner.MoveNext())
            {
                if (inner.Type == ProtocolNumber && inner.Value.Length == 1)
                    number = inner.Value[0];
                else if (inner.Type == DestinationPort && inner.Value.Length == 2)
                    port = BinaryPrimitives.ReadUInt16BigEndian(inner.Value);
            }

            return number == protocol && port is { } found && ports.Contains(found);
        }

        return false;
    }

    private void Forget(byte version, byte[] tuple)
    {
        var order = new NetlinkWriter();
        order.BeginMessage((ConnectionTracking << 8) | DeleteFlow, NetlinkFlags.Request | NetlinkFlags.Ack, 1);
        order.Fixed((uint)version);
        order.Attribute(OriginalTuple | NestedFlag, tuple);
        order.EndMessage();
        if (_socket.Execute(order, 1) is { Errno: not Errno.ENOENT } refused) // ENOENT: it ended by itself
            throw Exception("forget a flow", refused);
    }
}
