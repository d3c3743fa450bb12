using System.Text.Json.Serialization;

namespace Sampan.Storage.Distribution;

/// <summary>One reason of a registry's refusal.</summary>
internal sealed record RegistryErrorLine
{
    [JsonPropertyName("code")]
    public string? Code { get; init; }

    [JsonPropertyName("message")]
    public string? Message { get; init; }
}
