using System.Buffers.Text;
using System.Text;
using Sampan.Runtime.Supervision;

namespace Sampan.Runtime;

/// <summary>
/// A JSON object of plain members, as it is written. The framework's writer builds tables of all that may need an escape before its first text, which is
/// longer than all of this takes.
/// </summary>
internal sealed class ObjectText
{
    /// <summary>What one byte of a text becomes at most.</summary>
    private const int EscapedBytes = 6;
    private const int NumberBytes = 40;

    private byte[] _text = new byte[512];
    private int _length;

    internal ObjectText() => _text[_length++] = (byte)'{';

    /// <summary>Adds a text; null is left out.</summary>
    internal void Add(ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
            return;
        AddName(name);
        var bytes = Encoding.UTF8.GetBytes(value);
        var target = Room((bytes.Length * EscapedBytes) + 2);
        target[0] = (byte)'"';
        var length = JsonText.Escape(bytes, target[1..]);
        target[length + 1] = (byte)'"';
        _length += length + 2;
    }

    internal void Add(ReadOnlySpan<byte> name, long value)
    {
        AddName(name);
        Utf8Formatter.TryFormat(value, Room(NumberBytes), out var length);
        _length += length;
    }

    internal void Add(ReadOnlySpan<byte> name, bool value)
    {
        AddName(name);
        Put(value ? "true"u8 : "false"u8);
    }

    /// <summary>By RFC 3339, to a tenth of a microsecond.</summary>
    internal void Add(ReadOnlySpan<byte> name, DateTimeOffset value)
    {
        AddName(name);
        Put("\""u8);
        Utf8Formatter.TryFormat(value, Room(NumberBytes), out var length, 'O');
        _length += length;
        Put("\""u8);
    }

    /// <summary>The whole object.</summary>
    internal byte[] ToArray()
    {
        Put("}"u8);
        return _text[.._length];
    }

    private void AddName(ReadOnlySpan<byte> name)
    {
        Put(_length > 1 ? ",\""u8 : "\""u8);
        Put(name);
        Put("\":"u8);
    }

    private void Put(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _length += text.Length;
    }

    private Span<byte> Room(int bytes)
    {
        if (_text.Length - _length < bytes)
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _length + bytes));
        return _text.AsSpan(_length);
    }
}
