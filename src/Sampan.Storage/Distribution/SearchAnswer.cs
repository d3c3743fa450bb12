using System.Text.Json.Serialization;

namespace Sampan.Storage.Distribution;

/// <summary>What an index answers to a search.</summary>
internal sealed record SearchAnswer
{
    [JsonPropertyName("results")]
    public IReadOnlyList<SearchResult?>? Results { get; init; }
}
