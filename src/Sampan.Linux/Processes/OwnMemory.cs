using System.Globalization;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>What a process can give back of its own memory besides the collected heap.</summary>
public static class OwnMemory
{
    /// <summary>
    /// Returns free pages of the C heap, and unmaps the pages of this program's own code. Code is never written, so
    /// its pages stay in the page cache and come back, many at a time, at the cost of a minor fault when they run next.
    /// </summary>
    public static void Release()
    {
        _ = Sys.malloc_trim(0);

        var program = Environment.ProcessPath;
        if (program is null)
        {
            return;
        }

        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            if (TryParseCode(line, program, out var start, out var end))
            {
                Sys.Check(Sys.madvise(start, end - start, Sys.MADV_DONTNEED), "release the code of", program);
            }
        }
    }

    /// <summary>Whether a line of <c>/proc/self/maps</c> is executable code of one program.</summary>
    /// <remarks><c>55d0c0a00000-55d0c0b00000 r-xp 00002000 fe:00 1234   /usr/bin/x</c>, see proc_pid_maps(5).</remarks>
    internal static bool TryParseCode(string line, string program, out nuint start, out nuint end)
    {
        (start, end) = (0, 0);
        var dash = line.IndexOf('-', StringComparison.Ordinal);
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return dash > 0 && space > dash
            && line.AsSpan(space + 1).StartsWith("r-xp ", StringComparison.Ordinal)
            && line.EndsWith(" " + program, StringComparison.Ordinal)
            && nuint.TryParse(line.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out start)
            && nuint.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out end);
    }
}
