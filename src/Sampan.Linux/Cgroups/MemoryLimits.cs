namespace Sampan.Linux.Cgroups;

/// <summary>Limits of memory in bytes; -1 means no limit, null leaves it.</summary>
public sealed record MemoryLimits
{
    /// <summary>Most memory.</summary>
    public long? Limit { get; init; }

    /// <summary>Most memory and swap together, as in cgroup v1 and OCI; at least <see cref="Limit"/>.</summary>
    public long? SwapLimit { get; init; }

    /// <summary>What the kernel tries to leave when memory is short.</summary>
    public long? Reservation { get; init; }

    /// <summary>Buffers of TCP. Cgroup v1 only.</summary>
    public long? KernelTcp { get; init; }

    /// <summary>0 to 100: how eagerly anonymous memory is swapped. Cgroup v1 only.</summary>
    public ulong? Swappiness { get; init; }

    /// <summary>True: at the limit processes wait instead of being killed. Cgroup v1 only.</summary>
    public bool? DisableOomKiller { get; init; }

    /// <summary>True: refuse a limit below the current use instead of reclaiming and killing (v2; v1 always refuses).</summary>
    public bool CheckBeforeUpdate { get; init; }
}
