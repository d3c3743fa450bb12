using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Images;

/// <summary>How far an operation is.</summary>
public sealed record ProgressDetail
{
    /// <summary>Done so far.</summary>
    [JsonPropertyName("current")]
    public long? Current { get; init; }

    /// <summary>All there is.</summary>
    [JsonPropertyName("total")]
    public long? Total { get; init; }

    /// <summary>The unit; null: bytes.</summary>
    [JsonPropertyName("units")]
    public string? Units { get; init; }
}
