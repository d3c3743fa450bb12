using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers.Stats;

/// <summary>Windows only: storage I/O.</summary>
public sealed record StorageStats
{
    /// <summary>Reads.</summary>
    [JsonPropertyName("read_count_normalized")]
    public ulong? ReadCountNormalized { get; init; }

    /// <summary>Bytes read.</summary>
    [JsonPropertyName("read_size_bytes")]
    public ulong? ReadSizeBytes { get; init; }

    /// <summary>Writes.</summary>
    [JsonPropertyName("write_count_normalized")]
    public ulong? WriteCountNormalized { get; init; }

    /// <summary>Bytes written.</summary>
    [JsonPropertyName("write_size_bytes")]
    public ulong? WriteSizeBytes { get; init; }
}
