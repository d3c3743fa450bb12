using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Images;
using Sampan.DockerApi.Volumes;

namespace Sampan.DockerApi.Engines;

/// <summary>The answer of GET /system/df, in the form up to API 1.51.</summary>
public sealed record DiskUsage
{
    /// <summary>Bytes of all layers.</summary>
    public long? LayersSize { get; init; }

    /// <summary>Images.</summary>
    public IReadOnlyList<ImageSummary>? Images { get; init; }

    /// <summary>Containers, with their sizes.</summary>
    public IReadOnlyList<ContainerSummary>? Containers { get; init; }

    /// <summary>Volumes, with their sizes.</summary>
    public IReadOnlyList<VolumeInspect>? Volumes { get; init; }

    /// <summary>The build cache.</summary>
    public IReadOnlyList<BuildCacheRecord>? BuildCache { get; init; }

    /// <summary>Images, in the form from API 1.52.</summary>
    public ImagesDiskUsage? ImageUsage { get; init; }

    /// <summary>Containers, in the form from API 1.52.</summary>
    public ContainersDiskUsage? ContainerUsage { get; init; }

    /// <summary>Volumes, in the form from API 1.52.</summary>
    public VolumesDiskUsage? VolumeUsage { get; init; }

    /// <summary>The build cache, in the form from API 1.52.</summary>
    public BuildCacheDiskUsage? BuildCacheUsage { get; init; }

    /// <summary>Sampan only, if asked for: how the build cache is limited; empty: not at all.</summary>
    public IReadOnlyList<BuildCacheLimit>? BuildCacheLimits { get; init; }
}
