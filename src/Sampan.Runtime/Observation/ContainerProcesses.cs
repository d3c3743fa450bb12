using System.Globalization;
using System.Text;
using Sampan.Linux;
using Sampan.Linux.Proc;

namespace Sampan.Runtime.Observation;

/// <summary>Lists the processes of a container: those in its cgroup, by /proc; nothing is executed.</summary>
public static class ContainerProcesses
{
    private const double TicksPerSecond = 100;

    /// <summary>The processes in the cgroup of a container's first process, and in those below it, by id.</summary>
    /// <param name="initPid">The first process.</param>
    public static IReadOnlyList<ProcessFacts> List(int initPid)
    {
        var home = Cgroup(initPid);
        // Version 1 shows what has ended, and is not reaped yet, in the root: that is everybody's, not the container's.
        if (home is null || home.EndsWith(":/", StringComparison.Ordinal))
            return [];
        var list = new List<ProcessFacts>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || Cgroup(pid) is not { } cgroup)
                continue;
            if ((cgroup == home || cgroup.StartsWith(home + "/", StringComparison.Ordinal)) && Read(pid) is { } facts)
                list.Add(facts);
        }

        return [.. list.OrderBy(f => f.Pid)];
    }

    // The pids controller's line on v1, the only line on v2: every container has a cgroup of its own there.
    private static string? Cgroup(int pid)
    {
        var lines = Text($"/proc/{pid}/cgroup")?.Split('\n');
        return lines?.FirstOrDefault(l => l.Contains(":pids:", StringComparison.Ordinal)) ?? lines?.FirstOrDefault(l => l.StartsWith("0::", StringComparison.Ordinal));
    }

    private static ProcessFacts? Read(int pid)
    {
        try
        {
            if (ProcessStat.Read(pid) is not { } stat || ProcessStatus.Read(pid) is not { } status)
                return null;
            var pages = Text($"/proc/{pid}/statm")?.Split(' ');
            var arguments = Text($"/proc/{pid}/cmdline")?.TrimEnd('\0').Replace('\0', ' ');
            return new ProcessFacts
            {
                Pid = pid,
                ParentPid = stat.ParentPid,
                ProcessGroup = stat.ProcessGroup,
                Session = stat.Session,
                Uid = status.Uids[1],
                Gid = status.Gids[1],
                Command = stat.Command,
                CommandLine = string.IsNullOrEmpty(arguments) ? $"[{stat.Command}]" : arguments,
                State = stat.State,
                Terminal = Terminal(stat.Terminal),
                CpuTime = TimeSpan.FromSeconds((stat.UserTicks + stat.SystemTicks) / TicksPerSecond),
                StartedAfterBoot = TimeSpan.FromSeconds(stat.StartTicks / TicksPerSecond),
                Threads = stat.ThreadCount,
                VirtualBytes = pages is { Length: > 1 } && long.TryParse(pages[0], CultureInfo.InvariantCulture, out var count) ? count * Environment.SystemPageSize : 0,
                ResidentBytes = status.ResidentBytes ?? 0,
            };
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ESRCH)
        {
            return null;
        }
    }

    // tty_nr: the minor number is in bits 31 to 20 and 7 to 0, the major in 15 to 8; 136 to 143 are pseudo-terminals.
    private static string? Terminal(int device)
    {
        if (device == 0)
            return null;
        var major = (device >> 8) & 0xff;
        var minor = (device & 0xff) | ((device >> 12) & 0xfff00);
        return major is >= 136 and <= 143 ? $"pts/{((major - 136) << 8) + minor}" : major == 4 ? $"tty{minor}" : "?";
    }

    private static string? Text(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
