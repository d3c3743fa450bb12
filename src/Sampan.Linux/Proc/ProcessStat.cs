using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Proc;

/// <summary>
/// <see href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">/proc/PID/stat</see>, as far as the engine needs it:
/// <code>
/// 4051 (my (odd) name) S 1 4051 4051 34816 4051 4194560 99 0 0 0 12 7 0 0 20 0 1 0 88437 2355200 90 …
/// (1)   (2)          (3)(4)(5)  (6)   (7)  (8)                   (14)(15)    (20)  (22)
/// </code>
/// </summary>
public sealed record ProcessStat
{
    /// <summary>(1) Process id.</summary>
    public required int Pid { get; init; }

    /// <summary>(2) Name of the executable, up to 15 bytes, chosen by the process itself.</summary>
    public required string Command { get; init; }

    /// <summary>(3) State: R, S, D, Z (zombie), T (stopped), t, X.</summary>
    public required char State { get; init; }

    /// <summary>(4) Parent.</summary>
    public required int ParentPid { get; init; }

    /// <summary>(5) Process group.</summary>
    public required int ProcessGroup { get; init; }

    /// <summary>(6) Session.</summary>
    public required int Session { get; init; }

    /// <summary>(7) Controlling terminal as a device number, 0 if none.</summary>
    public required int Terminal { get; init; }

    /// <summary>(14) Time in user mode, in clock ticks (1/100 s).</summary>
    public required long UserTicks { get; init; }

    /// <summary>(15) Time in the kernel, in clock ticks (1/100 s).</summary>
    public required long SystemTicks { get; init; }

    /// <summary>(20) Number of threads.</summary>
    public required int ThreadCount { get; init; }

    /// <summary>(22) When it started, in clock ticks after boot: with the pid it identifies a process for good.</summary>
    public required ulong StartTicks { get; init; }

    /// <summary>Parses the file's content.</summary>
    /// <param name="content">The file.</param>
    /// <param name="stat">The process, or null.</param>
    /// <param name="reason">What is wrong, or null.</param>
    public static bool TryParse(ReadOnlySpan<byte> content, [NotNullWhen(true)] out ProcessStat? stat, [NotNullWhen(false)] out string? reason)
    {
        stat = null;
        reason = null;

        // The name may contain spaces and parentheses, so its end is the last ')' there is.
        var open = content.IndexOf((byte)'(');
        var close = content.LastIndexOf((byte)')');
        if (open < 1 || close < open)
            reason = "field 2 (name in parentheses) is missing";
        else if (!FieldReader.TryInt(content[..open].TrimEnd((byte)' '), out var pid))
            reason = "field 1 (pid) is no number";
        else
            reason = ParseRest(pid, content[(open + 1)..close], content[(close + 1)..].TrimEnd((byte)'\n'), out stat);
        return reason is null;
    }

    /// <summary>Reads the file of a process.</summary>
    /// <param name="pid">Which.</param>
    /// <returns>Null if there is no such process.</returns>
    /// <exception cref="LinuxException">It cannot be read or is not as documented.</exception>
    public static ProcessStat? Read(int pid)
    {
        var path = $"/proc/{pid}/stat";
        if (!SmallFile.TryRead(Sys.AT_FDCWD, path, 1 << 16, out var content, out var errno))
            return errno is Errno.ENOENT or Errno.ESRCH ? null : throw new LinuxException("read process state", errno, path);
        return TryParse(content, out var stat, out var reason) ? stat : throw new LinuxException($"read process state ({reason})", Errno.EPROTO, path);
    }

    private static string? ParseRest(int pid, ReadOnlySpan<byte> name, ReadOnlySpan<byte> rest, out ProcessStat? stat)
    {
        stat = null;
        var fields = new FieldReader(rest);
        if (!fields.TryNext(out var state) || state.Length != 1)
            return "field 3 (state) is not one letter";

        Span<long> numbers = stackalloc long[19]; // fields 4 to 22
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!fields.TryNext(out var field))
                return $"field {i + 4} is missing";
            if (FieldReader.TryLong(field, out numbers[i]))
                continue;
            if (!FieldReader.TryULong(field, out var large))
                return $"field {i + 4} is no number";
            numbers[i] = unchecked((long)large);
        }

        stat = new ProcessStat
        {
            Pid = pid,
            Command = Encoding.UTF8.GetString(name),
            State = (char)state[0],
            ParentPid = (int)numbers[0],
            ProcessGroup = (int)numbers[1],
            Session = (int)numbers[2],
            Terminal = (int)numbers[3],
            UserTicks = numbers[10],
            SystemTicks = numbers[11],
            ThreadCount = (int)numbers[16],
            StartTicks = unchecked((ulong)numbers[18]),
        };
        return null;
    }
}
