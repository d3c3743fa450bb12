using System.Buffers.Text;

namespace Sampan.Storage.Archives;

/// <summary>
/// Where the parts of a sparse file are that an archive holds; between them are zeros. GNU tar's four forms: the old header of type
/// <c>S</c>, and PAX records of version 0.0, 0.1 and 1.0
/// (<see href="https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html">GNU tar, sparse formats</see>).
/// </summary>
internal sealed class SparseMap
{
    // A map of more parts is larger than any real one; each costs 16 bytes here.
    internal const int MaxParts = 1_000_000;

    private readonly List<(long Offset, long Length)> _parts;

    private SparseMap(long realSize, List<(long Offset, long Length)> parts)
    {
        RealSize = realSize;
        _parts = parts;
    }

    /// <summary>Bytes of the file with its holes.</summary>
    internal long RealSize { get; }

    internal IReadOnlyList<(long Offset, long Length)> Parts => _parts;

    /// <summary>The bytes that the archive holds.</summary>
    internal long StoredSize => _parts.Sum(part => part.Length);

    /// <summary>Null and the reason if parts overlap, go backwards, or lie behind the end.</summary>
    internal static SparseMap? TryCreate(long realSize, List<(long Offset, long Length)> parts, out string reason)
    {
        reason = "";
        long at = 0;
        foreach (var (offset, length) in parts)
        {
            if (offset < at || length < 0 || offset > realSize || length > realSize - offset)
            {
                reason = "the map of a sparse file is out of order or leads behind the file's end";
                return null;
            }
            at = offset + length;
        }
        if (realSize < 0 || parts.Count > MaxParts)
            reason = "the map of a sparse file is too large";
        // A part of no bytes only marks the end.
        parts.RemoveAll(part => part.Length == 0);
        return reason.Length == 0 ? new SparseMap(realSize, parts) : null;
    }

    /// <summary>Numbers between commas, as <c>GNU.sparse.map</c> has them; null if they are none.</summary>
    internal static List<(long Offset, long Length)>? TryReadList(ReadOnlySpan<byte> text)
    {
        var numbers = new List<long>();
        while (text.Length > 0)
        {
            if (!Utf8Parser.TryParse(text, out long number, out var used) || number < 0 || numbers.Count > 2 * MaxParts)
                return null;
            numbers.Add(number);
            text = text[used..];
            if (text.Length > 0 && text[0] != (byte)',')
                return null;
            text = text.Length > 0 ? text[1..] : text;
        }
        return numbers.Count % 2 == 0 ? Pair(numbers) : null;
    }

    /// <summary>Entries of a block: 12 bytes offset, 12 bytes length each; an empty one ends them. False if one is no number.</summary>
    internal static bool TryReadEntries(ReadOnlySpan<byte> block, int count, List<(long Offset, long Length)> parts)
    {
        for (var i = 0; i < count; i++)
        {
            var entry = block.Slice(i * 24, 24);
            if (entry[0] == 0)
                return true;
            if (!TarField.TryNumber(entry[..12], out var offset) || !TarField.TryNumber(entry[12..], out var length) || offset < 0 || parts.Count > MaxParts)
                return false;
            parts.Add((offset, length));
        }
        return true;
    }

    internal static List<(long Offset, long Length)> Pair(List<long> numbers)
    {
        var parts = new List<(long Offset, long Length)>(numbers.Count / 2);
        for (var i = 0; i + 1 < numbers.Count; i += 2)
            parts.Add((numbers[i], numbers[i + 1]));
        return parts;
    }
}
