using System.Buffers.Binary;
using System.Text;

namespace Sampan.Runtime.Systemd;

/// <summary>
/// Writes D-Bus's <see href="https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-marshaling">wire format</see>, little endian.
/// Every value stands at a multiple of its own size, counted from the message's beginning.
/// </summary>
internal sealed class DBusWriter
{
    private byte[] _bytes = new byte[512];

    /// <summary>Bytes so far.</summary>
    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    internal void Byte(byte value) => Take(1)[0] = value;

    internal void Number32(uint value)
    {
        Align(4);
        BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
    }

    internal void Number64(ulong value)
    {
        Align(8);
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
    }

    /// <summary>A string or the path of an object.</summary>
    internal void Text(string value)
    {
        Number32((uint)Encoding.UTF8.GetByteCount(value));
        Characters(value);
    }

    internal void Signature(string value)
    {
        Byte(checked((byte)value.Length));
        Characters(value);
    }

    /// <summary>An array: its length in bytes stands before it, and does not count the padding before its first element.</summary>
    /// <param name="alignment">That of an element.</param>
    /// <param name="elements">Writes them.</param>
    internal void Array(int alignment, Action elements)
    {
        Number32(0);
        var at = Length - 4;
        Align(alignment);
        var start = Length;
        elements();
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at), (uint)(Length - start));
    }

    /// <summary>Zeros up to a multiple of <paramref name="alignment"/>.</summary>
    internal void Align(int alignment) => Take((alignment - Length % alignment) % alignment);

    /// <summary>The signature of a value, then the value.</summary>
    internal void Variant(DBusValue value)
    {
        Signature(value.Signature);
        Value(value);
    }

    /// <summary>Properties: <c>a(sv)</c>.</summary>
    internal void Properties(IReadOnlyList<UnitProperty> properties) => Array(8, () =>
    {
        foreach (var property in properties)
        {
            Align(8);
            Text(property.Name);
            Variant(property.Value);
        }
    });

    private void Value(DBusValue value)
    {
        switch (value)
        {
            case DBusValue.Flag flag:
                Number32(flag.Value ? 1u : 0);
                break;
            case DBusValue.Signed32 number:
                Number32(unchecked((uint)number.Value));
                break;
            case DBusValue.Number32 number:
                Number32(number.Value);
                break;
            case DBusValue.Signed64 number:
                Number64(unchecked((ulong)number.Value));
                break;
            case DBusValue.Number64 number:
                Number64(number.Value);
                break;
            case DBusValue.Text text:
                Text(text.Value);
                break;
            case DBusValue.Texts texts:
                Array(4, () => Each(texts.Values, Text));
                break;
            case DBusValue.Numbers32 numbers:
                Array(4, () => Each(numbers.Values, Number32));
                break;
            case DBusValue.Bytes bytes:
                Array(1, () => bytes.Value.Span.CopyTo(Take(bytes.Value.Length)));
                break;
            default:
                throw new ArgumentException($"a value of type '{value.Signature}' cannot be written", nameof(value));
        }
    }

    private static void Each<T>(IReadOnlyList<T> values, Action<T> write)
    {
        foreach (var value in values)
            write(value);
    }

    private void Characters(string value)
    {
        Encoding.UTF8.GetBytes(value, Take(Encoding.UTF8.GetByteCount(value)));
        Byte(0);
    }

    private Span<byte> Take(int count)
    {
        if (Length + count > _bytes.Length)
            System.Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
