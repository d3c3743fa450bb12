using System.Buffers.Text;

namespace Sampan.Linux.Proc;

/// <summary>Takes fields, parted by spaces or tabs, off the front of a line.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> line)
{
    private ReadOnlySpan<byte> _rest = line;

    internal bool TryNext(out ReadOnlySpan<byte> field)
    {
        _rest = _rest.TrimStart(" \t"u8);
        var end = _rest.IndexOfAny((byte)' ', (byte)'\t');
        field = end < 0 ? _rest : _rest[..end];
        _rest = _rest[field.Length..];
        return field.Length > 0;
    }

    internal bool TryNextInt(out int value)
    {
        value = 0;
        return TryNext(out var field) && TryInt(field, out value);
    }

    /// <summary>A whole field that is a number; never a part of it.</summary>
    internal static bool TryInt(ReadOnlySpan<byte> text, out int value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && text[0] != '+';

    /// <inheritdoc cref="TryInt"/>
    internal static bool TryLong(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && text[0] != '+';

    /// <inheritdoc cref="TryInt"/>
    internal static bool TryULong(ReadOnlySpan<byte> text, out ulong value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && text[0] != '+';
}
