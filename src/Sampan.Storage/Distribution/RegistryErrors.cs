using System.Text.Json.Serialization;

namespace Sampan.Storage.Distribution;

/// <summary>The body of a registry's refusal.</summary>
internal sealed record RegistryErrors
{
    [JsonPropertyName("errors")]
    public IReadOnlyList<RegistryErrorLine?>? Errors { get; init; }

    /// <summary>Token servers and proxies write it here.</summary>
    [JsonPropertyName("details")]
    public string? Details { get; init; }

    [JsonPropertyName("error_description")]
    public string? Description { get; init; }
}
