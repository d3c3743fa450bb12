using System.Globalization;

namespace Sampan.Server.Registry;

/// <summary>Which bytes of a blob are asked for. Pure.</summary>
/// <param name="First">The first.</param>
/// <param name="Length">How many.</param>
/// <param name="IsPart">True if the answer is a part, and says so.</param>
internal sealed record ByteRange(long First, long Length, bool IsPart)
{
    private const string Unit = "bytes=";

    /// <summary>All of them.</summary>
    internal static ByteRange Whole(long size) => new(0, size, false);

    /// <summary>
    /// Reads a <see href="https://www.rfc-editor.org/rfc/rfc9110#section-14.2">Range header</see>: <c>bytes=0-99</c>, <c>bytes=100-</c> or
    /// <c>bytes=-100</c>. What is none, or several, is passed over, as the RFC wants it.
    /// </summary>
    /// <param name="header">The header; null: none.</param>
    /// <param name="size">The blob's size.</param>
    /// <returns>Null: the blob has none of these bytes.</returns>
    internal static ByteRange? Parse(string? header, long size)
    {
        if (header is null || !header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
            return Whole(size);
        var text = header.AsSpan(Unit.Length).Trim();
        var dash = text.IndexOf('-');
        if (dash < 0)
            return Whole(size);
        var from = text[..dash];
        var to = text[(dash + 1)..];
        if (from.IsEmpty)
        {
            if (!TryRead(to, out var last))
                return Whole(size);
            return last == 0 || size == 0 ? null : new ByteRange(Math.Max(0, size - last), Math.Min(last, size), true);
        }
        if (!TryRead(from, out var first))
            return Whole(size);
        var end = size - 1;
        if (!to.IsEmpty)
        {
            if (!TryRead(to, out var asked) || asked < first)
                return Whole(size);
            end = Math.Min(asked, end);
        }
        return first >= size ? null : new ByteRange(first, end - first + 1, true);
    }

    private static bool TryRead(ReadOnlySpan<char> text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
