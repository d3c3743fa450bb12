namespace Sampan.DockerApi.Engines;

/// <summary>Space that the build cache takes.</summary>
public sealed record BuildCacheDiskUsage
{
    /// <summary>Records in use.</summary>
    public long ActiveCount { get; init; }

    /// <summary>All records.</summary>
    public long TotalCount { get; init; }

    /// <summary>Bytes that removing the unused would give back.</summary>
    public long Reclaimable { get; init; }

    /// <summary>Bytes of all.</summary>
    public long TotalSize { get; init; }

    /// <summary>The records, if asked for.</summary>
    public IReadOnlyList<BuildCacheRecord>? Items { get; init; }
}
