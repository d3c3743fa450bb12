using System.Globalization;

namespace Sampan.Engine.Containers.Mounts;

/// <summary>
/// Other owners for the files of a mount, without changing the files. Written as podman does, each range as
/// <c>FILE-SEEN-COUNT</c>: <c>uids=1000-0-1#2000-1-10;gids=1000-0-1</c>. Short: <c>1000-0</c> means that one id, of users and of groups.
/// A half that is not given leaves those ids as they are; ids outside of the ranges given belong to nobody and cannot be written.
/// </summary>
/// <param name="Users">Ranges of user ids.</param>
/// <param name="Groups">Ranges of group ids.</param>
public sealed record IdMapSpec(IReadOnlyList<IdMapRange> Users, IReadOnlyList<IdMapRange> Groups)
{
    private const int MaxRanges = 340; // UID_GID_MAP_MAX_EXTENTS

    /// <summary>As it is written.</summary>
    public override string ToString() => $"uids={string.Join('#', Users)};gids={string.Join('#', Groups)}";

    /// <summary>Reads the notation.</summary>
    /// <param name="text">Without <c>idmap=</c>.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: it is none.</exception>
    public static IdMapSpec Parse(string text)
    {
        if (!text.Contains('='))
            return new IdMapSpec([Range(text, text)], [Range(text, text)]);
        IReadOnlyList<IdMapRange>? users = null, groups = null;
        foreach (var half in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var ranges = half[(half.IndexOf('=') + 1)..].Split('#');
            if (ranges.Length > MaxRanges)
                throw Wrong(text, $"the kernel takes {MaxRanges} ranges");
            if (half.StartsWith("uids=", StringComparison.Ordinal) && users is null)
                users = [.. ranges.Select(range => Range(range, text))];
            else if (half.StartsWith("gids=", StringComparison.Ordinal) && groups is null)
                groups = [.. ranges.Select(range => Range(range, text))];
            else
                throw Wrong(text, $"'{half}' is neither uids=\u2026 nor gids=\u2026, each once");
        }

        if (users is null && groups is null)
            throw Wrong(text, "it has no range");
        return new IdMapSpec(Apart(users ?? [IdMapRange.All], text), Apart(groups ?? [IdMapRange.All], text));
    }

    private static IdMapRange Range(string text, string whole)
    {
        var parts = text.Split('-');
        uint count = 1;
        if (parts.Length is < 2 or > 3 || !Number(parts[0], out var file) || !Number(parts[1], out var seen) || (parts.Length == 3 && (!Number(parts[2], out count) || count == 0)))
            throw Wrong(whole, $"'{text}' is not FILE-SEEN-COUNT");
        return (ulong)file + count > uint.MaxValue || (ulong)seen + count > uint.MaxValue
            ? throw Wrong(whole, $"'{text}' goes beyond the largest id")
            : new IdMapRange(file, seen, count);
    }

    /// <summary>Who owns, on the disk, what belongs to root inside; if root is nobody there, to the first who is somebody.</summary>
    internal static uint FileOwner(IReadOnlyList<IdMapRange> ranges) => ranges.FirstOrDefault(range => range.Seen == 0, ranges[0]).File;

    // The kernel refuses overlapping ranges without a word.
    private static IReadOnlyList<IdMapRange> Apart(IReadOnlyList<IdMapRange> ranges, string whole)
    {
        foreach (var (a, b) in ranges.SelectMany((a, i) => ranges.Skip(i + 1).Select(b => (a, b))))
        {
            if (Overlap(a.File, b.File, a.Count, b.Count) || Overlap(a.Seen, b.Seen, a.Count, b.Count))
                throw Wrong(whole, $"'{a}' and '{b}' overlap");
        }

        return ranges;
    }

    private static bool Overlap(uint a, uint b, uint lengthA, uint lengthB) => a < (ulong)b + lengthB && b < (ulong)a + lengthA;

    private static bool Number(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static EngineException Wrong(string text, string why) =>
        EngineException.Invalid($"invalid idmap '{text}': {why}: write it as uids=FILE-SEEN-COUNT;gids=FILE-SEEN-COUNT, or FILE-SEEN");
}
