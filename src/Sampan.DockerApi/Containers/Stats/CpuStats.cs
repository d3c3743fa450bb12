using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers.Stats;

/// <summary>CPU time of a container and of the host.</summary>
public sealed record CpuStats
{
    /// <summary>CPU time of the container.</summary>
    [JsonPropertyName("cpu_usage")]
    public CpuUsage? CpuUsage { get; init; }

    /// <summary>CPU time of the host in nanoseconds.</summary>
    [JsonPropertyName("system_cpu_usage")]
    public ulong? SystemCpuUsage { get; init; }

    /// <summary>Number of CPUs.</summary>
    [JsonPropertyName("online_cpus")]
    public int? OnlineCpus { get; init; }

    /// <summary>How often the limit held it back.</summary>
    [JsonPropertyName("throttling_data")]
    public ThrottlingData? ThrottlingData { get; init; }
}
