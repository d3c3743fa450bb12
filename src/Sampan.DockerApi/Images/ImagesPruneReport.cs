using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Images;

/// <summary>The answer of POST /images/prune.</summary>
public sealed record ImagesPruneReport
{
    /// <summary>What was removed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<ImageDeleteItem>? ImagesDeleted { get; init; }

    /// <summary>Bytes given back.</summary>
    public long SpaceReclaimed { get; init; }
}
