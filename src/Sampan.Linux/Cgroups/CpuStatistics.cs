namespace Sampan.Linux.Cgroups;

/// <summary>Processor time used, in nanoseconds.</summary>
public sealed record CpuStatistics
{
    /// <summary>All of it.</summary>
    public required ulong Total { get; init; }

    /// <summary>In user mode.</summary>
    public required ulong User { get; init; }

    /// <summary>In the kernel.</summary>
    public required ulong System { get; init; }

    /// <summary>Per processor; empty on v2, which does not count it.</summary>
    public IReadOnlyList<ulong> PerProcessor { get; init; } = [];

    /// <summary>Periods of the quota that have passed.</summary>
    public ulong Periods { get; init; }

    /// <summary>Periods in which the quota ran out.</summary>
    public ulong ThrottledPeriods { get; init; }

    /// <summary>Time spent waiting for the next period.</summary>
    public ulong ThrottledTime { get; init; }
}
