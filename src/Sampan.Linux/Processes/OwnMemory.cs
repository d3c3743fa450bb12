using System.Globalization;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>What a process can give back of its own memory besides the collected heap.</summary>
public static class OwnMemory
{
    /// <summary>
    /// Returns free pages of the C heap, and unmaps the pages of code and constants, of this program and of its libraries. Nobody has
    /// written them, so they stay in the page cache and come back, many at a time, at the cost of a minor fault when they are used next.
    /// What is known of types is among the constants: <c>scripts/types-apart</c> puts it there.
    /// </summary>
    public static void Release()
    {
        _ = Sys.malloc_trim(0);

        nuint start = 0, end = 0;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            if (!IsField(line))
            {
                _ = TryParseReadOnly(line, out start, out end);
            }
            else if (end > start && IsUnwritten(line))
            {
                Sys.Check(Sys.madvise(start, end - start, Sys.MADV_DONTNEED), "release", "code and constants");
            }
        }
    }

    /// <summary>Whether a line of <c>/proc/self/smaps</c> tells of the mapping above it: <c>Rss:   100 kB</c>.</summary>
    internal static bool IsField(string line) => line.IndexOf(' ', StringComparison.Ordinal) is var space and > 0 && line[space - 1] == ':';

    /// <summary>No page of the mapping was ever written and copied: what is read-only now may have been relocated at the start.</summary>
    internal static bool IsUnwritten(string line) =>
        line.StartsWith("Anonymous:", StringComparison.Ordinal) && line.AsSpan("Anonymous:".Length).Trim().SequenceEqual("0 kB");

    /// <summary>Whether a line of <c>/proc/self/smaps</c> is a mapping of a file's code or constants.</summary>
    /// <remarks><c>55d0c0a00000-55d0c0b00000 r-xp 00002000 fe:00 1234   /usr/bin/x</c>, see proc_pid_smaps(5).</remarks>
    internal static bool TryParseReadOnly(string line, out nuint start, out nuint end)
    {
        (start, end) = (0, 0);
        var dash = line.IndexOf('-', StringComparison.Ordinal);
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return dash > 0 && space > dash
            && line.AsSpan(space + 1, Math.Min(5, line.Length - space - 1)) is "r-xp " or "r--p "
            && line.Contains(" /", StringComparison.Ordinal)
            && nuint.TryParse(line.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out start)
            && nuint.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out end);
    }
}
