using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Volumes;

/// <summary>The answer of POST /volumes/prune.</summary>
public sealed record VolumesPruneReport
{
    /// <summary>Names of the removed volumes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? VolumesDeleted { get; init; }

    /// <summary>Bytes given back.</summary>
    public long SpaceReclaimed { get; init; }
}
