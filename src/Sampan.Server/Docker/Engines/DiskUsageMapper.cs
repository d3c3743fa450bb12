using Sampan.Build;
using Sampan.Build.Caching;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Engines;
using Sampan.DockerApi.Images;
using Sampan.DockerApi.Volumes;
using Sampan.Server.Docker.Containers;
using Sampan.Server.Docker.Images;
using Sampan.Server.Docker.Volumes;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Engines;

/// <summary>Makes <c>docker system df</c>, in the lists of old versions and the sums of new ones.</summary>
internal static class DiskUsageMapper
{
    /// <summary>What there is and how much it takes; a kind that was not asked for is null.</summary>
    internal sealed record Measured(long LayersSize, long ReclaimableLayers, IReadOnlyList<ImageSummary>? Images, IReadOnlyList<ContainerSummary>? Containers, IReadOnlyList<VolumeInspect>? Volumes, IReadOnlyList<BuildCacheRecord>? BuildCache);

    /// <summary>Turns the engine's measure into Docker's rows.</summary>
    /// <param name="used">What the engine measured.</param>
    /// <param name="wanted">Which of <c>image</c>, <c>container</c>, <c>volume</c>, <c>build-cache</c>.</param>
    /// <param name="cache">What the builder keeps.</param>
    /// <param name="now">The time, for the ages.</param>
    internal static Measured Measure(Engine.DiskUsage used, Func<string, bool> wanted, Func<IReadOnlyList<BuildCacheEntry>> cache, DateTimeOffset now)
    {
        var names = new ImageNames([.. used.Images.Select(i => i.Image)]);
        return new Measured(
            used.LayersSize,
            used.ReclaimableLayers,
            wanted("image") ? [.. used.Images.Select(i => ImageMapper.ToSummary(i.Image, i.Containers) with { Size = i.Size, SharedSize = i.SharedSize })] : null,
            wanted("container") ? [.. used.Containers.Select(c => ContainerSummaryMapper.ToSummary(c.Container, names.ToShow(c.Container), now, (c.SizeRw, c.SizeRootFs)) with { ImageManifestDescriptor = names.Manifest(c.Container) })] : null,
            wanted("volume") ? [.. used.Volumes.Select(v => VolumeMapper.ToInspect(v.Volume, new VolumeUsage { RefCount = v.References, Size = v.Size }))] : null,
            wanted("build-cache") ? [.. cache().Select(ToRecord)] : null);
    }

    /// <summary>Writes it in the forms that the client's version has.</summary>
    internal static DiskUsage ToUsage(Measured all, bool lists, bool sums, bool verbose)
    {
        var usage = new DiskUsage();
        if (lists)
        {
            usage = usage with
            {
                LayersSize = all.Images is null ? null : all.LayersSize,
                Images = all.Images,
                Containers = all.Containers,
                Volumes = all.Volumes,
                BuildCache = all.BuildCache,
            };
        }

        if (!sums)
            return usage;
        return usage with
        {
            ImageUsage = all.Images is not { } images ? null : new ImagesDiskUsage
            {
                ActiveCount = images.Count(i => i.Containers > 0),
                TotalCount = images.Count,
                Reclaimable = all.ReclaimableLayers,
                TotalSize = all.LayersSize,
                Items = verbose ? images : null,
            },
            ContainerUsage = all.Containers is not { } containers ? null : new ContainersDiskUsage
            {
                ActiveCount = containers.Count(IsActive),
                TotalCount = containers.Count,
                Reclaimable = containers.Where(c => !IsActive(c)).Sum(c => c.SizeRw ?? 0),
                TotalSize = containers.Sum(c => c.SizeRw ?? 0),
                Items = verbose ? containers : null,
            },
            VolumeUsage = all.Volumes is not { } volumes ? null : new VolumesDiskUsage
            {
                ActiveCount = volumes.Count(v => v.UsageData is { RefCount: > 0 }),
                TotalCount = volumes.Count,
                Reclaimable = volumes.Where(v => v.UsageData is { RefCount: 0 }).Sum(v => v.UsageData?.Size ?? 0),
                TotalSize = volumes.Sum(v => v.UsageData?.Size ?? 0),
                Items = verbose ? volumes : null,
            },
            BuildCacheUsage = all.BuildCache is not { } cache ? null : new BuildCacheDiskUsage
            {
                ActiveCount = cache.Count(entry => entry.InUse),
                TotalCount = cache.Count,
                Reclaimable = cache.Where(entry => !entry.InUse).Sum(entry => entry.Size),
                TotalSize = cache.Sum(entry => entry.Size),
                Items = verbose ? cache : null,
            },
        };
    }

    /// <summary>Turns a rule of the builder's into what we say of it.</summary>
    internal static BuildCacheLimit ToLimit(CachePolicy policy) => new()
    {
        MaxUsedSpace = policy.Room.MaxUsed,
        MinFreeSpace = policy.Room.MinFree,
        ReservedSpace = policy.Room.Reserved,
        UnusedSeconds = (long?)policy.Unused?.TotalSeconds,
        Types = policy.Kinds.Count == 0 ? null : policy.Kinds,
        All = policy.TakesShared,
    };

    private static BuildCacheRecord ToRecord(BuildCacheEntry entry) => new()
    {
        // The key of a context is its client's, of any length.
        ID = entry.Id.Length > 25 ? entry.Id[..25] : entry.Id,
        Type = entry.Kind,
        Description = entry.Description,
        InUse = entry.InUse,
        Shared = entry.IsShared,
        Size = entry.Bytes,
        CreatedAt = Timestamp.WriteFixed(entry.Created),
        LastUsedAt = Timestamp.WriteFixed(entry.LastUsed),
        UsageCount = entry.Uses,
    };

    private static bool IsActive(ContainerSummary container) => container.State is "running" or "paused" or "restarting";
}
