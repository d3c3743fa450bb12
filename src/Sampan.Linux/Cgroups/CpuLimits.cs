namespace Sampan.Linux.Cgroups;

/// <summary>Limits of processor time; null leaves it.</summary>
public sealed record CpuLimits
{
    /// <summary>Relative weight, 2 to 262144, usually 1024 (v1's unit; converted on v2).</summary>
    public ulong? Shares { get; init; }

    /// <summary>Time per <see cref="Period"/> in microseconds; -1 for no limit.</summary>
    public long? Quota { get; init; }

    /// <summary>Period of <see cref="Quota"/> in microseconds, 1000 to 1000000.</summary>
    public ulong? Period { get; init; }

    /// <summary>Unused quota that may be saved up, in microseconds.</summary>
    public ulong? Burst { get; init; }

    /// <summary>Real-time budget per <see cref="RealtimePeriod"/> in microseconds. Cgroup v1 only.</summary>
    public long? RealtimeRuntime { get; init; }

    /// <summary>Period of the real-time budget in microseconds. Cgroup v1 only.</summary>
    public ulong? RealtimePeriod { get; init; }

    /// <summary>Processors it may run on: <c>0-3,7</c>.</summary>
    public string? Cpus { get; init; }

    /// <summary>Memory nodes it may use: <c>0</c>.</summary>
    public string? Mems { get; init; }

    /// <summary>1 makes it run only when nothing else wants to (SCHED_IDLE).</summary>
    public long? Idle { get; init; }
}
