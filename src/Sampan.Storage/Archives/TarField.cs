using System.Buffers.Binary;

namespace Sampan.Storage.Archives;

/// <summary>Numbers and strings of a tar header block.</summary>
internal static class TarField
{
    /// <summary>A string that ends at the first zero byte or with the field.</summary>
    internal static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    /// <summary>
    /// A number: octal digits between blanks and zeros, or, if the first bit is set, GNU's base 256: big-endian two's complement.
    /// False if it is neither or does not fit into 64 bits.
    /// </summary>
    internal static bool TryNumber(ReadOnlySpan<byte> field, out long value) =>
        field.Length > 0 && (field[0] & 0x80) != 0 ? TryBase256(field, out value) : TryOctal(field, out value);

    /// <summary>Writes octal digits and a closing zero byte if they fit; false if they don't.</summary>
    internal static bool TryWriteOctal(Span<byte> field, long value)
    {
        if (value < 0)
            return false;
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3)
            field[i] = (byte)('0' + (value & 7));
        field[^1] = 0;
        return value == 0;
    }

    private static bool TryBase256(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        var negative = (field[0] & 0x40) != 0;
        var fill = negative ? (byte)0xff : (byte)0;
        Span<byte> bytes = stackalloc byte[field.Length];
        field.CopyTo(bytes);
        bytes[0] = negative ? (byte)(bytes[0] | 0x80) : (byte)(bytes[0] & 0x7f);
        while (bytes.Length > sizeof(long))
        {
            if (bytes[0] != fill)
                return false;
            bytes = bytes[1..];
        }
        if (bytes.Length < sizeof(long))
            return false;
        value = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return value < 0 == negative;
    }

    private static bool TryOctal(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        var text = field.Trim(" \0"u8);
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'7' || value > long.MaxValue >> 3)
                return false;
            value = (value << 3) | (long)(digit - '0');
        }
        return true;
    }
}
