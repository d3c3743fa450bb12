using System.Text.Json.Serialization;

namespace Sampan.Server.Registry;

/// <summary>A page of the registry's repositories.</summary>
internal sealed record CatalogBody
{
    [JsonPropertyName("repositories")]
    public required IReadOnlyList<string> Repositories { get; init; }
}
