using System.Text.Json.Serialization;

namespace Sampan.Storage.Distribution;

/// <summary>A page of a repository's tags.</summary>
internal sealed record TagList
{
    [JsonPropertyName("tags")]
    public IReadOnlyList<string?>? Tags { get; init; }
}
