namespace Sampan.Linux.Processes;

/// <summary>How the kernel's scheduler treats a thread: the members of <c>struct sched_attr</c>. See <see href="https://man7.org/linux/man-pages/man2/sched_setattr.2.html">sched_setattr(2)</see>.</summary>
public sealed record Scheduling
{
    /// <summary>SCHED_OTHER is 0, FIFO 1, RR 2, BATCH 3, IDLE 5, DEADLINE 6.</summary>
    public required uint Policy { get; init; }

    /// <summary>Bits of SCHED_FLAG_.</summary>
    public ulong Flags { get; init; }

    /// <summary>-20 (first) to 19 for the time-sharing policies.</summary>
    public int Nice { get; init; }

    /// <summary>1 to 99 for the real-time policies, 0 for the others.</summary>
    public uint Priority { get; init; }

    /// <summary>Nanoseconds of each period, for SCHED_DEADLINE.</summary>
    public ulong Runtime { get; init; }

    /// <summary>Nanoseconds from the begin of a period, for SCHED_DEADLINE.</summary>
    public ulong Deadline { get; init; }

    /// <summary>Nanoseconds, for SCHED_DEADLINE.</summary>
    public ulong Period { get; init; }
}
