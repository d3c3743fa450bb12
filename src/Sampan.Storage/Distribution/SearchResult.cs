using System.Text.Json.Serialization;

namespace Sampan.Storage.Distribution;

/// <summary>One result of a search.</summary>
public sealed record SearchResult
{
    /// <summary>The repository.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>One line about it.</summary>
    [JsonPropertyName("description")]
    public string? Description { get; init; }

    /// <summary>How many people marked it.</summary>
    [JsonPropertyName("star_count")]
    public int StarCount { get; init; }

    /// <summary>True for one of the registry's own.</summary>
    [JsonPropertyName("is_official")]
    public bool IsOfficial { get; init; }

    /// <summary>True if the registry built it.</summary>
    [JsonPropertyName("is_automated")]
    public bool IsAutomated { get; init; }
}
