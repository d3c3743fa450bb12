using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers.Stats;

/// <summary>Number of tasks in a container.</summary>
public sealed record PidsStats
{
    /// <summary>Tasks now.</summary>
    [JsonPropertyName("current")]
    public ulong? Current { get; init; }

    /// <summary>The limit.</summary>
    [JsonPropertyName("limit")]
    public ulong? Limit { get; init; }
}
