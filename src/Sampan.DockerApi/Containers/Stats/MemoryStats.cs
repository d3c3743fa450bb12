using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers.Stats;

/// <summary>Memory of a container in bytes.</summary>
public sealed record MemoryStats
{
    /// <summary>In use, page cache included.</summary>
    [JsonPropertyName("usage")]
    public ulong? Usage { get; init; }

    /// <summary>Most ever in use; cgroup v1 only.</summary>
    [JsonPropertyName("max_usage")]
    public ulong? MaxUsage { get; init; }

    /// <summary>The lines of memory.stat.</summary>
    [JsonPropertyName("stats")]
    public IReadOnlyDictionary<string, ulong>? Stats { get; init; }

    /// <summary>How often the limit was hit; cgroup v1 only.</summary>
    [JsonPropertyName("failcnt")]
    public ulong? Failcnt { get; init; }

    /// <summary>The limit.</summary>
    [JsonPropertyName("limit")]
    public ulong? Limit { get; init; }
}
