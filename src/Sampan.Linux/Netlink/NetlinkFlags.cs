namespace Sampan.Linux.Netlink;

/// <summary>Flags of a netlink message. See <see href="https://man7.org/linux/man-pages/man7/netlink.7.html">netlink(7)</see>.</summary>
[Flags]
internal enum NetlinkFlags : ushort
{
    None = 0,
    Request = 1,
    Multi = 2,
    Ack = 4,

    /// <summary>NLM_F_DUMP = ROOT | MATCH.</summary>
    Dump = 0x300,
    Replace = 0x100,
    Exclusive = 0x200,
    Create = 0x400,
    Append = 0x800,

    /// <summary>In an answer: the message that failed is cut off (NETLINK_CAP_ACK).</summary>
    Capped = 0x100,

    /// <summary>In an answer: attributes with the kernel's words follow (NETLINK_EXT_ACK).</summary>
    AckAttributes = 0x200,
}
