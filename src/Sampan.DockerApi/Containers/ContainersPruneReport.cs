using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>The answer of POST /containers/prune.</summary>
public sealed record ContainersPruneReport
{
    /// <summary>Ids of the removed containers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? ContainersDeleted { get; init; }

    /// <summary>Bytes given back.</summary>
    public long SpaceReclaimed { get; init; }
}
