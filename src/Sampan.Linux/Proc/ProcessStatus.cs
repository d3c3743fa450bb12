using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Proc;

/// <summary><see href="https://man7.org/linux/man-pages/man5/proc_pid_status.5.html">/proc/PID/status</see>, as far as the engine needs it: lines <c>Key:⇥value</c>.</summary>
public sealed record ProcessStatus
{
    /// <summary>Name of the executable with the kernel's escapes (<c>\n</c>, <c>\\</c>).</summary>
    public required string Name { get; init; }

    /// <summary>Process id (Tgid).</summary>
    public required int Pid { get; init; }

    /// <summary>Parent.</summary>
    public required int ParentPid { get; init; }

    /// <summary>Process ids in the reader's and each nested pid namespace, outermost first.</summary>
    public required IReadOnlyList<int> NamespacePids { get; init; }

    /// <summary>Real, effective, saved and file-system user.</summary>
    public required IReadOnlyList<uint> Uids { get; init; }

    /// <summary>Real, effective, saved and file-system group.</summary>
    public required IReadOnlyList<uint> Gids { get; init; }

    /// <summary>Supplementary groups.</summary>
    public required IReadOnlyList<uint> Groups { get; init; }

    /// <summary>Number of threads.</summary>
    public required int ThreadCount { get; init; }

    /// <summary>Resident memory in bytes; null for kernel threads and zombies.</summary>
    public long? ResidentBytes { get; init; }

    /// <summary>Capabilities; null if the kernel does not say.</summary>
    public CapabilitySet? Inheritable { get; init; }

    /// <inheritdoc cref="Inheritable"/>
    public CapabilitySet? Permitted { get; init; }

    /// <inheritdoc cref="Inheritable"/>
    public CapabilitySet? Effective { get; init; }

    /// <inheritdoc cref="Inheritable"/>
    public CapabilitySet? Bounding { get; init; }

    /// <inheritdoc cref="Inheritable"/>
    public CapabilitySet? Ambient { get; init; }

    /// <summary>True if execve gives no privileges any more.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>0 no seccomp, 1 strict, 2 filter.</summary>
    public int SeccompMode { get; init; }

    /// <summary>Parses the file's content.</summary>
    /// <param name="content">The file.</param>
    /// <param name="status">The process, or null.</param>
    /// <param name="reason">What is wrong, or null.</param>
    public static bool TryParse(ReadOnlySpan<byte> content, [NotNullWhen(true)] out ProcessStatus? status, [NotNullWhen(false)] out string? reason)
    {
        status = null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var range in content.Split((byte)'\n'))
        {
            var line = content[range];
            var colon = line.IndexOf((byte)':');
            if (colon > 0)
                values.TryAdd(Encoding.UTF8.GetString(line[..colon]), Encoding.UTF8.GetString(line[(colon + 1)..]).Trim());
        }

        if (!values.TryGetValue("Name", out var name) || !TryNumber(values, "Tgid", out var pid) || !TryNumber(values, "PPid", out var parent) || !TryNumber(values, "Threads", out var threads))
            reason = "one of Name, Tgid, PPid and Threads is missing or no number";
        else if (!TryNumbers(values, "Uid", out var uids) || uids.Count != 4 || !TryNumbers(values, "Gid", out var gids) || gids.Count != 4)
            reason = "Uid and Gid are not four numbers each";
        else if (!TryNumbers(values, "Groups", out var groups))
            reason = "Groups is not a list of numbers";
        else
        {
            reason = null;
            status = new ProcessStatus
            {
                Name = name,
                Pid = (int)pid,
                ParentPid = (int)parent,
                NamespacePids = TryNumbers(values, "NSpid", out var pids) ? Array.ConvertAll([.. pids], static one => (int)one) : [(int)pid],
                Uids = uids,
                Gids = gids,
                Groups = groups,
                ThreadCount = (int)threads,
                ResidentBytes = Kilobytes(values, "VmRSS"),
                Inheritable = Capability(values, "CapInh"),
                Permitted = Capability(values, "CapPrm"),
                Effective = Capability(values, "CapEff"),
                Bounding = Capability(values, "CapBnd"),
                Ambient = Capability(values, "CapAmb"),
                NoNewPrivileges = TryNumber(values, "NoNewPrivs", out var noNew) && noNew != 0,
                SeccompMode = TryNumber(values, "Seccomp", out var mode) ? (int)mode : 0,
            };
        }

        return reason is null;
    }

    /// <summary>Reads the file of a process.</summary>
    /// <param name="pid">Which.</param>
    /// <returns>Null if there is no such process.</returns>
    /// <exception cref="LinuxException">It cannot be read or is not as documented.</exception>
    public static ProcessStatus? Read(int pid)
    {
        var path = $"/proc/{pid}/status";
        if (!SmallFile.TryRead(Sys.AT_FDCWD, path, 1 << 20, out var content, out var errno))
            return errno is Errno.ENOENT or Errno.ESRCH ? null : throw new LinuxException("read process status", errno, path);
        return TryParse(content, out var status, out var reason) ? status : throw new LinuxException($"read process status ({reason})", Errno.EPROTO, path);
    }

    private static bool TryNumber(Dictionary<string, string> values, string key, out uint number)
    {
        number = 0;
        return values.TryGetValue(key, out var text) && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryNumbers(Dictionary<string, string> values, string key, [NotNullWhen(true)] out IReadOnlyList<uint>? numbers)
    {
        numbers = null;
        if (!values.TryGetValue(key, out var text))
            return false;

        var list = new List<uint>();
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return false;
            list.Add(number);
        }

        numbers = list;
        return true;
    }

    private static long? Kilobytes(Dictionary<string, string> values, string key) =>
        values.TryGetValue(key, out var text) && text.EndsWith(" kB", StringComparison.Ordinal)
        && long.TryParse(text.AsSpan(0, text.Length - 3), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size * 1024
            : null;

    private static CapabilitySet? Capability(Dictionary<string, string> values, string key) =>
        values.TryGetValue(key, out var text) && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)
            ? new CapabilitySet(bits)
            : null;
}
