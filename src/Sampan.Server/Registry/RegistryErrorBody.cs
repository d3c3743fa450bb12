using System.Text.Json.Serialization;

namespace Sampan.Server.Registry;

/// <summary>The body of a refusal.</summary>
internal sealed record RegistryErrorBody
{
    [JsonPropertyName("errors")]
    public required IReadOnlyList<RegistryErrorLine> Errors { get; init; }
}
