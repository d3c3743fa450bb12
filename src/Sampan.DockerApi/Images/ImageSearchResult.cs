using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Images;

/// <summary>One result of a search.</summary>
public sealed record ImageSearchResult
{
    /// <summary>One line about it.</summary>
    [JsonPropertyName("description")]
    public string Description { get; init => field = value ?? ""; } = "";

    /// <summary>Whether it is one of the registry's own.</summary>
    [JsonPropertyName("is_official")]
    public bool IsOfficial { get; init; }

    /// <summary>Whether the registry built it; always false since the Hub stopped telling.</summary>
    [JsonPropertyName("is_automated")]
    public bool IsAutomated { get; init; }

    /// <summary>The repository.</summary>
    [JsonPropertyName("name")]
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>How many people marked it.</summary>
    [JsonPropertyName("star_count")]
    public int StarCount { get; init; }
}
