using System.Text.Json.Serialization;

namespace Sampan.Storage.Distribution;

/// <summary>A page of a registry's repositories.</summary>
internal sealed record RepositoryList
{
    [JsonPropertyName("repositories")]
    public IReadOnlyList<string?>? Repositories { get; init; }
}
