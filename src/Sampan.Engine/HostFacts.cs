using System.Globalization;
using System.Runtime.InteropServices;

namespace Sampan.Engine;

/// <summary>Facts of the machine, read from files.</summary>
public static class HostFacts
{
    /// <summary>All memory in bytes.</summary>
    public static long MemoryBytes()
    {
        var words = Line("/proc/meminfo", "MemTotal:")?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is { Length: > 1 } && long.TryParse(words[1], CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes * 1024 : 0;
    }

    /// <summary>Processor time of the machine since boot in nanoseconds, idling included: the first line of /proc/stat, in hundredths of a second.</summary>
    public static ulong CpuNanoseconds() =>
        (Line("/proc/stat", "cpu ") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Aggregate(0UL, (sum, word) => sum + ulong.Parse(word, CultureInfo.InvariantCulture)) * 10_000_000;

    /// <summary>uname's release.</summary>
    public static string KernelVersion() => Text("/proc/sys/kernel/osrelease").Trim();

    /// <summary>A value of os-release.</summary>
    public static string Release(string key) => (Line("/etc/os-release", key + "=") ?? "").Split('=', 2)[^1].Trim('"');

    /// <summary>uname's machine.</summary>
    public static string Architecture() => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "x86_64",
        System.Runtime.InteropServices.Architecture.Arm64 => "aarch64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>Packets are forwarded.</summary>
    public static bool Forwards() => Text("/proc/sys/net/ipv4/ip_forward").Trim() == "1";

    /// <summary>2 on the unified hierarchy, else 1.</summary>
    public static int CgroupVersion() => File.Exists("/sys/fs/cgroup/cgroup.controllers") ? 2 : 1;

    /// <summary>The kind of file system below a path, in Docker's words.</summary>
    public static string FileSystem(string path) => new DriveInfo(path).DriveFormat switch { "ext2" or "ext3" or "ext4" => "extfs", var other => other };

    private static string Text(string path) => File.Exists(path) ? File.ReadAllText(path) : "";

    private static string? Line(string path, string start) => File.Exists(path) ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith(start, StringComparison.Ordinal)) : null;
}
