using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Launching;

/// <summary>The specification's words for scheduling, as the kernel numbers them.</summary>
internal static class SchedulingWords
{
    private const string PolicyPrefix = "SCHED_";

    // Numbers of <linux/sched.h>; SCHED_ISO is reserved and no kernel has it.
    private static readonly (string Name, uint Number)[] s_policies =
        [("SCHED_OTHER", 0), ("SCHED_FIFO", 1), ("SCHED_RR", 2), ("SCHED_BATCH", 3), ("SCHED_ISO", 4), ("SCHED_IDLE", 5), ("SCHED_DEADLINE", 6)];

    private static readonly (string Name, ulong Bit)[] s_flags =
    [
        ("SCHED_FLAG_RESET_ON_FORK", 1), ("SCHED_FLAG_RECLAIM", 2), ("SCHED_FLAG_DL_OVERRUN", 4), ("SCHED_FLAG_KEEP_POLICY", 8),
        ("SCHED_FLAG_KEEP_PARAMS", 0x10), ("SCHED_FLAG_UTIL_CLAMP_MIN", 0x20), ("SCHED_FLAG_UTIL_CLAMP_MAX", 0x40),
    ];

    private static readonly (string Name, int Number)[] s_classes = [("IOPRIO_CLASS_RT", 1), ("IOPRIO_CLASS_BE", 2), ("IOPRIO_CLASS_IDLE", 3)];

    internal static IEnumerable<string> Policies => Array.ConvertAll(s_policies, static one => one.Name);

    internal static IEnumerable<string> Flags => Array.ConvertAll(s_flags, static one => one.Name);

    internal static IEnumerable<string> Classes => Array.ConvertAll(s_classes, static one => one.Name);

    /// <summary>True for the policies whose processes are ordered by a static priority.</summary>
    internal static bool IsRealTime(string policy) => policy is PolicyPrefix + "FIFO" or PolicyPrefix + "RR";

    internal static bool IsDeadline(string policy) => policy is PolicyPrefix + "DEADLINE";

    internal static Scheduling Read(Scheduler scheduler)
    {
        var flags = 0UL;
        foreach (var name in scheduler.Flags)
            flags |= Array.Find(s_flags, one => one.Name == name).Bit;
        return new Scheduling
        {
            Policy = Array.Find(s_policies, one => one.Name == scheduler.Policy).Number,
            Flags = flags,
            Nice = scheduler.Nice,
            Priority = (uint)scheduler.Priority,
            Runtime = scheduler.Runtime,
            Deadline = scheduler.Deadline,
            Period = scheduler.Period,
        };
    }

    internal static (int Class, int Level) Read(IoPriority priority) => (Array.Find(s_classes, one => one.Name == priority.Class).Number, priority.Priority);

    /// <summary>A list of processors as a mask; null for none.</summary>
    internal static ulong[]? ReadCpus(string? list) =>
        list is { Length: > 0 } && CpuList.TryParse(list, out var mask) ? mask : null;
}
