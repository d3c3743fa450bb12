using System.Text.Json.Serialization;

namespace Sampan.Server.Registry;

/// <summary>One reason.</summary>
internal sealed record RegistryErrorLine
{
    [JsonPropertyName("code")]
    public required string Code { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }
}
