using System.Runtime.InteropServices;

namespace Sampan.Linux.Netlink;

/// <summary>
/// Walks the messages of one datagram. Every length is checked against what is there; a damaged one ends the walk
/// and sets <see cref="Damaged"/>.
/// </summary>
internal ref struct NetlinkMessages(ReadOnlySpan<byte> datagram)
{
    internal const ushort Done = 3;
    internal const ushort Error = 2;

    private ReadOnlySpan<byte> _rest = datagram;

    internal ushort Type { get; private set; }

    internal NetlinkFlags Flags { get; private set; }

    internal uint Sequence { get; private set; }

    /// <summary>The socket that caused it; 0: the kernel itself.</summary>
    internal uint Port { get; private set; }

    /// <summary>What follows the header of the current message.</summary>
    internal ReadOnlySpan<byte> Payload { get; private set; }

    internal bool Damaged { get; private set; }

    internal bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        if (_rest.Length < NetlinkWriter.HeaderSize)
            return Stop();
        var length = MemoryMarshal.Read<uint>(_rest);
        if (length < NetlinkWriter.HeaderSize || length > (uint)_rest.Length)
            return Stop();
        Type = MemoryMarshal.Read<ushort>(_rest[4..]);
        Flags = (NetlinkFlags)MemoryMarshal.Read<ushort>(_rest[6..]);
        Sequence = MemoryMarshal.Read<uint>(_rest[8..]);
        Port = MemoryMarshal.Read<uint>(_rest[12..]);
        Payload = _rest[NetlinkWriter.HeaderSize..(int)length];
        _rest = _rest[Math.Min(_rest.Length, ((int)length + 3) & ~3)..];
        return true;
    }

    private bool Stop()
    {
        Damaged = true;
        _rest = default;
        return false;
    }
}
