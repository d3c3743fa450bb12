using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>When and where the calling thread runs, and what its clocks show.</summary>
public static unsafe partial class CurrentProcess
{
    /// <summary>Sets policy and parameters of the scheduler for this thread; programs started later inherit them.</summary>
    /// <exception cref="LinuxException">EPERM: a higher priority than CAP_SYS_NICE or RLIMIT_NICE allows; EINVAL: the parameters do not fit the policy.</exception>
    public static void SetScheduling(Scheduling scheduling)
    {
        var attributes = new Sys.SchedulingAttributes
        {
            Size = (uint)sizeof(Sys.SchedulingAttributes),
            Policy = scheduling.Policy,
            Flags = scheduling.Flags,
            Nice = scheduling.Nice,
            Priority = scheduling.Priority,
            Runtime = scheduling.Runtime,
            Deadline = scheduling.Deadline,
            Period = scheduling.Period,
        };
        Sys.Check(Sys.sched_setattr(&attributes), "set the scheduling policy");
    }

    /// <summary>Sets how soon the input and output of this thread are served.</summary>
    /// <param name="class">1: real time, 2: best effort, 3: idle.</param>
    /// <param name="level">0 (first) to 7.</param>
    /// <exception cref="LinuxException">EPERM: the real-time class needs CAP_SYS_ADMIN or CAP_SYS_NICE.</exception>
    public static void SetIoPriority(int @class, int level) =>
        Sys.Check(Sys.ioprio_set(Sys.IOPRIO_WHO_PROCESS, 0, (@class << Sys.IOPRIO_CLASS_SHIFT) | level), "set the i/o priority");

    /// <summary>The processors this thread may run on, as <see cref="CpuList"/> has them.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static ulong[] ReadAffinity()
    {
        var mask = new ulong[CpuList.MaxCpus / 64];
        var bytes = Sys.Check(Sys.sched_getaffinity(mask), "read the cpu affinity");
        return mask[..(bytes / sizeof(ulong))];
    }

    /// <summary>Sets the processors this thread may run on.</summary>
    /// <exception cref="LinuxException">EINVAL: none of them is there, or allowed by the control group.</exception>
    public static void SetAffinity(ReadOnlySpan<ulong> mask) => Sys.Check(Sys.sched_setaffinity(mask), "set the cpu affinity");

    /// <summary>
    /// Makes a time namespace with clocks that are off by something, and enters it. The namespace is first one for children only: until somebody
    /// is in it the offsets can be written. Entering it needs a process of one thread.
    /// </summary>
    /// <param name="offsets">Clock (<c>monotonic</c>, <c>boottime</c>), seconds, nanoseconds.</param>
    /// <exception cref="LinuxException">The kernel refused (ERANGE: a clock would go below zero or beyond its end).</exception>
    public static void EnterNewTimeNamespace(IReadOnlyList<(string Clock, long Seconds, uint Nanoseconds)> offsets)
    {
        Unshare(NamespaceTypes.Time);
        if (offsets.Count > 0)
        {
            var text = new StringBuilder();
            foreach (var (clock, seconds, nanoseconds) in offsets)
                text.Append(clock).Append(' ').Append(seconds).Append(' ').Append(nanoseconds).Append('\n');
            WriteProc("timens_offsets", text.ToString().TrimEnd('\n'));
        }
        using var made = HostFile.Open("/proc/self/ns/time_for_children", OpenFlags.ReadOnly);
        Join(made, NamespaceTypes.Time, "of the container");
    }
}
