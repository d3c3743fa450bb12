using System.Buffers.Binary;
using System.Text;

namespace Sampan.Runtime.Systemd;

/// <summary>Reads D-Bus's wire format, little endian. It is total: what is not there is false, and nothing is read beyond the end.</summary>
/// <param name="bytes">A whole message, as alignment counts from its beginning, or one part that starts at a multiple of eight.</param>
internal ref struct DBusReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Where the next value is looked for.</summary>
    internal int Position { get; private set; }

    internal readonly bool IsAtEnd => Position >= _bytes.Length;

    internal bool TryByte(out byte value)
    {
        var there = TryTake(1, out var taken);
        value = there ? taken[0] : (byte)0;
        return there;
    }

    internal bool TryNumber32(out uint value)
    {
        value = 0;
        if (!TryAlign(4) || !TryTake(4, out var taken))
            return false;
        value = BinaryPrimitives.ReadUInt32LittleEndian(taken);
        return true;
    }

    /// <summary>A string or the path of an object.</summary>
    internal bool TryText(out string value)
    {
        value = "";
        return TryNumber32(out var length) && TryCharacters(length, out value);
    }

    internal bool TrySignature(out string value)
    {
        value = "";
        return TryByte(out var length) && TryCharacters(length, out value);
    }

    internal bool TryAlign(int alignment) => TryTake((alignment - Position % alignment) % alignment, out _);

    private bool TryCharacters(uint length, out string value)
    {
        value = "";
        if (length >= int.MaxValue || !TryTake((int)length + 1, out var taken) || taken[^1] != 0)
            return false;
        value = Encoding.UTF8.GetString(taken[..^1]);
        return true;
    }

    private bool TryTake(int count, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (count > _bytes.Length - Position)
            return false;
        taken = _bytes.Slice(Position, count);
        Position += count;
        return true;
    }
}
