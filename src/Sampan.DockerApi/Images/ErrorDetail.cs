using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Images;

/// <summary>Why an operation failed.</summary>
public sealed record ErrorDetail
{
    /// <summary>An exit code or status; null: none.</summary>
    [JsonPropertyName("code")]
    public int? Code { get; init; }

    /// <summary>The reason.</summary>
    [JsonPropertyName("message")]
    public string? Message { get; init; }
}
