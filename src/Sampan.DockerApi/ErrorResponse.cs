using System.Text.Json.Serialization;

namespace Sampan.DockerApi;

/// <summary>The body of every failed request.</summary>
public sealed record ErrorResponse
{
    /// <summary>What went wrong, on what, and why.</summary>
    [JsonPropertyName("message")]
    public string Message { get; init => field = value ?? ""; } = "";
}
