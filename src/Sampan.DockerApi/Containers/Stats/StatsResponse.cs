using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers.Stats;

/// <summary>One sample of GET /containers/{id}/stats.</summary>
public sealed record StatsResponse
{
    /// <summary>The container's name, with a slash in front.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>The container's id.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>The operating system.</summary>
    [JsonPropertyName("os_type")]
    public string? OsType { get; init; }

    /// <summary>When the sample was taken, RFC 3339.</summary>
    [JsonPropertyName("read")]
    public string Read { get; init => field = value ?? ""; } = "";

    /// <summary>When the sample before was taken, RFC 3339.</summary>
    [JsonPropertyName("preread")]
    public string PreRead { get; init => field = value ?? ""; } = "";

    /// <summary>Windows only: number of processes.</summary>
    [JsonPropertyName("num_procs")]
    public int NumProcs { get; init; }

    /// <summary>Number of tasks.</summary>
    [JsonPropertyName("pids_stats")]
    public PidsStats? PidsStats { get; init; }

    /// <summary>Block I/O.</summary>
    [JsonPropertyName("blkio_stats")]
    public BlkioStats? BlkioStats { get; init; }

    /// <summary>Windows only: storage I/O.</summary>
    [JsonPropertyName("storage_stats")]
    public StorageStats? StorageStats { get; init; }

    /// <summary>CPU time at this sample.</summary>
    [JsonPropertyName("cpu_stats")]
    public CpuStats? CpuStats { get; init; }

    /// <summary>CPU time at the sample before.</summary>
    [JsonPropertyName("precpu_stats")]
    public CpuStats? PreCpuStats { get; init; }

    /// <summary>Memory.</summary>
    [JsonPropertyName("memory_stats")]
    public MemoryStats? MemoryStats { get; init; }

    /// <summary>Network counters by interface.</summary>
    [JsonPropertyName("networks")]
    public IReadOnlyDictionary<string, NetworkStats>? Networks { get; init; }
}
