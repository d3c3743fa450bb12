using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi.Engines;

/// <summary>Space that containers take.</summary>
public sealed record ContainersDiskUsage
{
    /// <summary>Containers in use.</summary>
    public long ActiveCount { get; init; }

    /// <summary>All containers.</summary>
    public long TotalCount { get; init; }

    /// <summary>Bytes that removing the unused would give back.</summary>
    public long Reclaimable { get; init; }

    /// <summary>Bytes of all.</summary>
    public long TotalSize { get; init; }

    /// <summary>The containers, if asked for.</summary>
    public IReadOnlyList<ContainerSummary>? Items { get; init; }
}
