using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.Linux.Netlink;

/// <summary>
/// Writes netlink messages one behind the other into a growing buffer. Numbers are in the machine's order unless the
/// method says big-endian; everything is padded to four bytes as <c>NLA_ALIGN</c> and <c>NLMSG_ALIGN</c> want it.
/// A length that does not fit its field is refused, never cut: CVE-2021-43784 was such an overflow.
/// </summary>
internal sealed class NetlinkWriter
{
    internal const int HeaderSize = 16;
    private const int AttributeHeaderSize = 4;
    private const ushort Nested = 0x8000;

    private byte[] _buffer = new byte[1024];
    private int _length;
    private int _messageStart = -1;

    /// <summary>All messages so far; the last one must be ended.</summary>
    internal ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Forgets everything written.</summary>
    internal void Clear()
    {
        _length = 0;
        _messageStart = -1;
    }

    /// <summary>Starts a message: <c>struct nlmsghdr</c> without its length.</summary>
    internal void BeginMessage(ushort type, NetlinkFlags flags, uint sequence)
    {
        if (_messageStart >= 0)
            throw new InvalidOperationException("the message before is not ended");
        _messageStart = _length;
        var header = Reserve(HeaderSize);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], (ushort)flags);
        MemoryMarshal.Write(header[8..], sequence);
    }

    /// <summary>Ends the message: writes its length.</summary>
    internal void EndMessage()
    {
        if (_messageStart < 0)
            throw new InvalidOperationException("there is no message to end");
        MemoryMarshal.Write(_buffer.AsSpan(_messageStart), (uint)(_length - _messageStart));
        _messageStart = -1;
    }

    /// <summary>A fixed part, such as <c>struct ifinfomsg</c>.</summary>
    internal void Fixed<T>(T value)
        where T : unmanaged
    {
        var size = Marshal.SizeOf<T>();
        MemoryMarshal.Write(Reserve(size), value);
    }

    /// <summary>Bytes as they are.</summary>
    internal void Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        var size = AttributeHeaderSize + value.Length;
        if (size > ushort.MaxValue)
            throw new ArgumentException($"a netlink attribute of {value.Length} bytes is too long", nameof(value));
        var target = Reserve(size);
        MemoryMarshal.Write(target, (ushort)size);
        MemoryMarshal.Write(target[2..], type);
        value.CopyTo(target[AttributeHeaderSize..]);
    }

    internal void Attribute(ushort type, byte value) => Attribute(type, [value]);

    internal void Attribute(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(bytes, value);
        Attribute(type, bytes);
    }

    internal void Attribute(ushort type, int value) => Attribute(type, unchecked((uint)value));

    internal void AttributeBigEndian(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Attribute(type, bytes);
    }

    internal void AttributeBigEndian(ushort type, int value) => AttributeBigEndian(type, unchecked((uint)value));

    /// <summary>Text with a null behind it.</summary>
    internal void Attribute(ushort type, string value)
    {
        if (value.Contains('\0'))
            throw new ArgumentException("a name contains a null character", nameof(value));
        var bytes = new byte[Encoding.UTF8.GetByteCount(value) + 1];
        Encoding.UTF8.GetBytes(value, bytes);
        Attribute(type, bytes);
    }

    /// <summary>Starts an attribute that holds attributes; give the result to <see cref="EndNested"/>.</summary>
    /// <param name="type">The attribute's type.</param>
    /// <param name="flagged">Whether the kernel expects NLA_F_NESTED, as all but some old parts of rtnetlink do.</param>
    internal int BeginNested(ushort type, bool flagged = true)
    {
        var start = _length;
        var header = Reserve(AttributeHeaderSize);
        MemoryMarshal.Write(header[2..], flagged ? (ushort)(type | Nested) : type);
        return start;
    }

    internal void EndNested(int start)
    {
        var size = _length - start;
        if (size > ushort.MaxValue)
            throw new InvalidOperationException($"a nested netlink attribute of {size} bytes is too long");
        MemoryMarshal.Write(_buffer.AsSpan(start), (ushort)size);
    }

    private Span<byte> Reserve(int size)
    {
        var padded = (size + 3) & ~3;
        if (_length + padded > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + padded));
        var target = _buffer.AsSpan(_length, padded);
        target.Clear();
        _length += padded;
        return target;
    }
}
