using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>The answer of GET /containers/{id}/top.</summary>
public sealed record TopResponse
{
    /// <summary>The column titles of ps.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Titles { get; init; }

    /// <summary>A row per process.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<IReadOnlyList<string>>? Processes { get; init; }
}
