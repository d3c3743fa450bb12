using System.Text.Json.Serialization;

namespace Sampan.Oci.Runtime;

/// <summary>Intel resource director allocation. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#intelrdt">the specification</see>.</summary>
public sealed record IntelRdt
{
    /// <summary>Class of service, or null.</summary>
    [JsonPropertyName("closID")]
    public string? ClosId { get; init; }

    /// <summary>Cache schema, or null.</summary>
    [JsonPropertyName("l3CacheSchema")]
    public string? L3CacheSchema { get; init; }

    /// <summary>Memory bandwidth schema, or null.</summary>
    [JsonPropertyName("memBwSchema")]
    public string? MemBwSchema { get; init; }

    /// <summary>True to monitor cache use.</summary>
    [JsonPropertyName("enableCMT")]
    public bool EnableCmt { get; init; }

    /// <summary>True to monitor bandwidth.</summary>
    [JsonPropertyName("enableMBM")]
    public bool EnableMbm { get; init; }
}
