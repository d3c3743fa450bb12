using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers.Stats;

/// <summary>CPU time of a container in nanoseconds.</summary>
public sealed record CpuUsage
{
    /// <summary>All.</summary>
    [JsonPropertyName("total_usage")]
    public ulong TotalUsage { get; init; }

    /// <summary>By CPU; cgroup v1 only.</summary>
    [JsonPropertyName("percpu_usage")]
    public IReadOnlyList<ulong>? PercpuUsage { get; init; }

    /// <summary>In the kernel.</summary>
    [JsonPropertyName("usage_in_kernelmode")]
    public ulong UsageInKernelmode { get; init; }

    /// <summary>In user mode.</summary>
    [JsonPropertyName("usage_in_usermode")]
    public ulong UsageInUsermode { get; init; }
}
