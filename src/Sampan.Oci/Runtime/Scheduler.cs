namespace Sampan.Oci.Runtime;

/// <summary>Scheduling policy and its parameters. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#linux-process">the specification</see>.</summary>
public sealed record Scheduler
{
    /// <summary>Policy such as <c>SCHED_OTHER</c>.</summary>
    public string Policy { get => field ?? ""; init; }

    /// <summary>Nice value for the time-sharing policies.</summary>
    public int Nice { get; init; }

    /// <summary>Static priority for the real-time policies.</summary>
    public int Priority { get; init; }

    /// <summary>Flags such as <c>SCHED_FLAG_RESET_ON_FORK</c>.</summary>
    public IReadOnlyList<string> Flags { get => field ?? []; init; }

    /// <summary>Nanoseconds of run time for the deadline policy.</summary>
    public ulong Runtime { get; init; }

    /// <summary>Nanoseconds to the deadline for the deadline policy.</summary>
    public ulong Deadline { get; init; }

    /// <summary>Nanoseconds of period for the deadline policy.</summary>
    public ulong Period { get; init; }
}
