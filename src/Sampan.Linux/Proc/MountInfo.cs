using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Proc;

/// <summary>The mount table of a process.</summary>
public static class MountInfo
{
    // A host with ten thousand containers has some 100,000 mounts of about 150 bytes.
    private const int MaxBytes = 64 << 20;

    /// <summary>Reads the mount table of this process, in the order of the kernel.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public static IReadOnlyList<MountInfoEntry> ReadOwn() => Read("/proc/self/mountinfo");

    /// <summary>Reads only those lines of this process's table that contain <paramref name="part"/>: hosts have thousands of mounts.</summary>
    internal static IReadOnlyList<MountInfoEntry> ReadOwn(ReadOnlySpan<byte> part) => Read("/proc/self/mountinfo", part);

    /// <summary>Reads the mount table of a process.</summary>
    /// <param name="pid">Which; it must be there.</param>
    /// <exception cref="LinuxException">It cannot be read (ENOENT: no such process).</exception>
    public static IReadOnlyList<MountInfoEntry> Read(int pid) => Read($"/proc/{pid}/mountinfo");

    /// <summary>Parses a whole table; the first line that is wrong ends it.</summary>
    /// <param name="content">The file.</param>
    /// <param name="entries">The mounts read so far.</param>
    /// <param name="reason">Which line is wrong and why, or null.</param>
    public static bool TryParse(ReadOnlySpan<byte> content, out IReadOnlyList<MountInfoEntry> entries, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? reason) =>
        TryParse(content, [], out entries, out reason);

    private static bool TryParse(ReadOnlySpan<byte> content, ReadOnlySpan<byte> part, out IReadOnlyList<MountInfoEntry> entries, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? reason)
    {
        var list = new List<MountInfoEntry>();
        entries = list;
        var number = 0;
        foreach (var range in content.Split((byte)'\n'))
        {
            var line = content[range];
            number++;
            if (line.IsEmpty || line.IndexOf(part) < 0)
                continue;
            if (!MountInfoEntry.TryParse(line, out var entry, out var wrong))
            {
                reason = $"line {number}: {wrong}";
                return false;
            }

            list.Add(entry);
        }

        reason = null;
        return true;
    }

    private static IReadOnlyList<MountInfoEntry> Read(string path, ReadOnlySpan<byte> part = default)
    {
        if (!SmallFile.TryRead(Sys.AT_FDCWD, path, MaxBytes, out var content, out var errno))
            throw new LinuxException("read mount table", errno, path);
        return TryParse(content, part, out var entries, out var reason)
            ? entries
            : throw new LinuxException($"read mount table ({reason})", Errno.EPROTO, path);
    }
}
