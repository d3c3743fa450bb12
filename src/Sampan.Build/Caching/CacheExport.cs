using System.Collections.Concurrent;
using System.Text.Json;
using Sampan.Engine.Images;
using Sampan.Oci.Images;
using Sampan.Storage.Building;
using Sampan.Storage.Images;

namespace Sampan.Build.Caching;

/// <summary>What a build gathers for a cache that leaves this machine; also of a build that fails later. Thread-safe.</summary>
internal sealed class CacheExport(StepOperations steps, CacheMounts mounts)
{
    private readonly ConcurrentDictionary<string, (string Description, ImageRecord Files, bool HasLayer)> _steps = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _mounts = new(StringComparer.Ordinal);

    /// <summary>A step was made or taken.</summary>
    internal void Add(string key, string description, ImageRecord files, bool hasLayer) => _steps[key] = (description, files, hasLayer);

    /// <summary>A step had a cache mount.</summary>
    internal void AddMount(string id) => _mounts[id] = true;

    /// <summary>Makes the image.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="of">Only steps whose topmost layer this image has; null: all.</param>
    /// <param name="withMounts">Cache mounts go with it.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>How many steps are in it.</returns>
    internal async Task<int> WriteAsync(ImageReference name, ImageRecord? of, bool withMounts, CancellationToken ct)
    {
        var kept = of?.Layers.Select(layer => layer.ChainId).ToHashSet();
        var chosen = _steps.Where(step => kept is null || step.Value.Files.Layers is not [.., var top] || kept.Contains(top.ChainId))
            .OrderBy(step => step.Value.Files.Layers.Count).ThenBy(step => step.Key, StringComparer.Ordinal).ToList();
        var parts = new List<BundlePart>();
        var shared = new List<SharedStep>();
        var seen = new HashSet<Digest>();
        foreach (var (key, (description, files, hasLayer)) in chosen)
        {
            Digest? layer = hasLayer ? files.Layers[^1].DiffId : null;
            if (layer is { } digest && seen.Add(digest))
                parts.Add(new BundlePart.Layer(SharedCache.PathOfLayer(digest.ToString()), files));
            shared.Add(new SharedStep { Key = key, Description = description, Layer = layer?.ToString() });
        }
        var directories = withMounts ? _mounts.Keys.Order(StringComparer.Ordinal).Select(id => (Id: id, Directory: mounts.FindDirectory(id))).Where(mount => mount.Directory is not null).ToList() : [];
        foreach (var (id, directory) in directories)
            parts.Add(new BundlePart.Tree(CacheMounts.SharedPathOf(id), directory ?? ""));
        var cache = new SharedCache { Steps = shared, Mounts = [.. directories.Select(mount => mount.Id)] };
        parts.Add(new BundlePart.Document(SharedCache.FileName, JsonSerializer.SerializeToUtf8Bytes(cache, CacheJson.Default.SharedCache)));
        await steps.BundleAsync(parts, name, ct);
        return shared.Count;
    }
}
