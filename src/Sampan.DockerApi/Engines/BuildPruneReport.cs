namespace Sampan.DockerApi.Engines;

/// <summary>The answer of POST /build/prune.</summary>
public sealed record BuildPruneReport
{
    /// <summary>Ids of the removed records.</summary>
    public IReadOnlyList<string>? CachesDeleted { get; init; }

    /// <summary>Bytes given back.</summary>
    public long SpaceReclaimed { get; init; }
}
