using Sampan.DockerApi.Images;

namespace Sampan.DockerApi.Engines;

/// <summary>Space that images take.</summary>
public sealed record ImagesDiskUsage
{
    /// <summary>Images in use.</summary>
    public long ActiveCount { get; init; }

    /// <summary>All images.</summary>
    public long TotalCount { get; init; }

    /// <summary>Bytes that removing the unused would give back.</summary>
    public long Reclaimable { get; init; }

    /// <summary>Bytes of all.</summary>
    public long TotalSize { get; init; }

    /// <summary>The images, if asked for.</summary>
    public IReadOnlyList<ImageSummary>? Items { get; init; }
}
