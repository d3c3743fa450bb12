using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.Linux.Netlink;

/// <summary>Walks attributes (<c>struct nlattr</c>); a damaged length ends the walk.</summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    private const int HeaderSize = 4;
    private const ushort TypeMask = 0x3fff;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The type without the flags for nesting and byte order.</summary>
    internal ushort Type { get; private set; }

    internal ReadOnlySpan<byte> Value { get; private set; }

    internal bool MoveNext()
    {
        if (_rest.Length < HeaderSize)
            return false;
        int length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderSize || length > _rest.Length)
        {
            _rest = default;
            return false;
        }

        Type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask);
        Value = _rest[HeaderSize..length];
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }

    /// <summary>The value as a number in the machine's order; 0 if it is too short.</summary>
    internal readonly uint Number => Value.Length >= sizeof(uint) ? MemoryMarshal.Read<uint>(Value) : 0;

    /// <summary>The value as a big-endian number; 0 if it is too short.</summary>
    internal readonly uint BigEndianNumber => Value.Length >= sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(Value) : 0;

    /// <summary>The value as text up to its null.</summary>
    internal readonly string Text
    {
        get
        {
            var end = Value.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
        }
    }

    /// <summary>The attributes inside this one.</summary>
    internal readonly NetlinkAttributes Inner => new(Value);
}
