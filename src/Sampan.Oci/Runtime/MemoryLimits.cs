using System.Text.Json.Serialization;

namespace Sampan.Oci.Runtime;

/// <summary>Memory limits of a cgroup, bytes; -1 is unlimited. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#memory">the specification</see>.</summary>
public sealed record MemoryLimits
{
    /// <summary>Limit of memory, or null.</summary>
    public long? Limit { get; init; }

    /// <summary>Soft limit, or null.</summary>
    public long? Reservation { get; init; }

    /// <summary>Limit of memory plus swap, or null.</summary>
    public long? Swap { get; init; }

    /// <summary>Deprecated: kernel memory, or null.</summary>
    public long? Kernel { get; init; }

    /// <summary>Kernel TCP buffers (v1 only), or null.</summary>
    [JsonPropertyName("kernelTCP")]
    public long? KernelTcp { get; init; }

    /// <summary>0 to 100, or null.</summary>
    public ulong? Swappiness { get; init; }

    /// <summary>True to stop instead of kill (v1 only), or null.</summary>
    [JsonPropertyName("disableOOMKiller")]
    public bool? DisableOomKiller { get; init; }

    /// <summary>True to count children (v1 only), or null.</summary>
    public bool? UseHierarchy { get; init; }

    /// <summary>True to refuse a limit below the present use, or null.</summary>
    public bool? CheckBeforeUpdate { get; init; }
}
