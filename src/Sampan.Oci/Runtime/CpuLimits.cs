namespace Sampan.Oci.Runtime;

/// <summary>CPU limits of a cgroup. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#cpu">the specification</see>.</summary>
public sealed record CpuLimits
{
    /// <summary>Relative weight, 2 to 262144, or null.</summary>
    public ulong? Shares { get; init; }

    /// <summary>Microseconds of run time per period, negative for none, or null.</summary>
    public long? Quota { get; init; }

    /// <summary>Microseconds that may be saved up, or null.</summary>
    public ulong? Burst { get; init; }

    /// <summary>Microseconds of the period, or null.</summary>
    public ulong? Period { get; init; }

    /// <summary>Microseconds of real-time run time per period (v1 only), or null.</summary>
    public long? RealtimeRuntime { get; init; }

    /// <summary>Microseconds of the real-time period (v1 only), or null.</summary>
    public ulong? RealtimePeriod { get; init; }

    /// <summary>List of CPUs such as <c>0-3,7</c>, or null.</summary>
    public string? Cpus { get; init; }

    /// <summary>List of memory nodes, or null.</summary>
    public string? Mems { get; init; }

    /// <summary>1 for the idle scheduling of the group, 0 for normal, or null.</summary>
    public long? Idle { get; init; }
}
