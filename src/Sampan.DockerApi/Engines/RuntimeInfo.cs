using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Engines;

/// <summary>An OCI runtime.</summary>
public sealed record RuntimeInfo
{
    /// <summary>Its path.</summary>
    [JsonPropertyName("path")]
    public string? Path { get; init; }

    /// <summary>Its arguments.</summary>
    [JsonPropertyName("runtimeArgs")]
    public IReadOnlyList<string>? RuntimeArgs { get; init; }

    /// <summary>What it says of itself.</summary>
    [JsonPropertyName("status")]
    public IReadOnlyDictionary<string, string>? Status { get; init; }
}
