using System.Text.Json.Serialization;

namespace Sampan.Server.Registry;

/// <summary>A page of a repository's tags.</summary>
internal sealed record TagListBody
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("tags")]
    public required IReadOnlyList<string> Tags { get; init; }
}
