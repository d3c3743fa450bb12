using Sampan.DockerApi.Volumes;

namespace Sampan.DockerApi.Engines;

/// <summary>Space that volumes take.</summary>
public sealed record VolumesDiskUsage
{
    /// <summary>Volumes in use.</summary>
    public long ActiveCount { get; init; }

    /// <summary>All volumes.</summary>
    public long TotalCount { get; init; }

    /// <summary>Bytes that removing the unused would give back.</summary>
    public long Reclaimable { get; init; }

    /// <summary>Bytes of all.</summary>
    public long TotalSize { get; init; }

    /// <summary>The volumes, if asked for.</summary>
    public IReadOnlyList<VolumeInspect>? Items { get; init; }
}
