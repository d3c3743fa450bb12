using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Proc;

/// <summary>
/// One line of <see href="https://man7.org/linux/man-pages/man7/cgroups.7.html">/proc/PID/cgroup</see>:
/// <code>
/// 5:cpuacct,cpu,cpuset:/daemons      0::/user.slice
/// (1)       (2)           (3)       (1)(2)(3)
/// </code>
/// </summary>
public sealed record CgroupMembership
{
    /// <summary>(1) Hierarchy; 0 is cgroup v2.</summary>
    public required int Hierarchy { get; init; }

    /// <summary>(2) Controllers of a v1 hierarchy, or <c>name=systemd</c>; empty for v2.</summary>
    public required IReadOnlyList<string> Controllers { get; init; }

    /// <summary>(3) Path of the group in its hierarchy, as seen from the reader's cgroup namespace.</summary>
    public required string Path { get; init; }

    /// <summary>Parses one line without its newline.</summary>
    /// <param name="line">The line.</param>
    /// <param name="membership">The group, or null.</param>
    /// <param name="reason">What is wrong, or null.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, [NotNullWhen(true)] out CgroupMembership? membership, [NotNullWhen(false)] out string? reason)
    {
        membership = null;
        reason = null;
        var first = line.IndexOf((byte)':');
        var second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
        if (second < 0)
            reason = "there are not two colons";
        else if (!FieldReader.TryInt(line[..first], out var hierarchy) || hierarchy < 0)
            reason = "field 1 (hierarchy) is no number";
        else
        {
            membership = new CgroupMembership
            {
                Hierarchy = hierarchy,
                Controllers = Encoding.UTF8.GetString(line.Slice(first + 1, second)).Split(',', StringSplitOptions.RemoveEmptyEntries),
                Path = Encoding.UTF8.GetString(line[(first + second + 2)..]),
            };
        }

        return reason is null;
    }

    /// <summary>Reads the groups a process is in, one per hierarchy.</summary>
    /// <param name="pid">Which process.</param>
    /// <returns>Null if there is no such process.</returns>
    /// <exception cref="LinuxException">The file cannot be read or is not as documented.</exception>
    public static IReadOnlyList<CgroupMembership>? Read(int pid) => Read($"/proc/{pid}/cgroup");

    /// <summary>Reads the groups this process is in; none where the kernel has no control groups.</summary>
    /// <exception cref="LinuxException">The file cannot be read or is not as documented.</exception>
    internal static IReadOnlyList<CgroupMembership> ReadOwn() => Read("/proc/self/cgroup") ?? [];

    private static IReadOnlyList<CgroupMembership>? Read(string path)
    {
        if (!SmallFile.TryRead(Sys.AT_FDCWD, path, 1 << 20, out var content, out var errno))
            return errno is Errno.ENOENT or Errno.ESRCH ? null : throw new LinuxException("read control groups", errno, path);

        var list = new List<CgroupMembership>();
        var rest = content.AsSpan();
        foreach (var range in rest.Split((byte)'\n'))
        {
            if (rest[range].IsEmpty)
                continue;
            if (!TryParse(rest[range], out var one, out var reason))
                throw new LinuxException($"read control groups ({reason})", Errno.EPROTO, path);
            list.Add(one);
        }

        return list;
    }
}
