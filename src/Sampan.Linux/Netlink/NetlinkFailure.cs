namespace Sampan.Linux.Netlink;

/// <summary>A message that the kernel refused.</summary>
/// <param name="Sequence">The number of the message.</param>
/// <param name="Errno">Why.</param>
/// <param name="Text">The kernel's own words (extended ack), or null.</param>
internal readonly record struct NetlinkFailure(uint Sequence, Errno Errno, string? Text)
{
    /// <summary>Parses the payload of an NLMSG_ERROR message: <c>struct nlmsgerr</c>, then attributes; null for an acknowledgement.</summary>
    internal static NetlinkFailure? Parse(NetlinkFlags flags, uint sequence, ReadOnlySpan<byte> payload)
    {
        const int errorSize = sizeof(int);
        const ushort message = 1;
        if (payload.Length < errorSize)
            return new NetlinkFailure(sequence, Errno.EPROTO, null);
        var error = System.Runtime.InteropServices.MemoryMarshal.Read<int>(payload);
        if (error == 0)
            return null;

        string? text = null;
        if (flags.HasFlag(NetlinkFlags.AckAttributes) && payload.Length >= errorSize + NetlinkWriter.HeaderSize)
        {
            // Capped: only the header of the refused message is repeated; else all of it, with its length in front.
            var repeated = flags.HasFlag(NetlinkFlags.Capped)
                ? NetlinkWriter.HeaderSize
                : System.Runtime.InteropServices.MemoryMarshal.Read<uint>(payload[errorSize..]);
            var start = errorSize + ((repeated + 3) & ~3u);
            if (start < (uint)payload.Length)
            {
                var attributes = new NetlinkAttributes(payload[(int)start..]);
                while (attributes.MoveNext())
                {
                    if (attributes.Type == message)
                        text = attributes.Text;
                }
            }
        }

        return new NetlinkFailure(sequence, (Errno)(-error), text);
    }
}
