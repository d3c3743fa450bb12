using System.Text.Json;
using Sampan.Engine.Images;
using Sampan.Storage.Building;
using Sampan.Storage.Images;

namespace Sampan.Build.Caching;

/// <summary>
/// A cache that an image brings: one that was exported, or one whose steps stand in an image's own history (<c>inline</c>). What it says is not
/// believed: a layer that has not the digest that was promised is not taken.
/// </summary>
internal sealed class CacheSource
{
    /// <summary>What the comment of a history entry begins with that has a key.</summary>
    internal const string Comment = "io.sampan.cache ";

    private const int MaxDocumentBytes = 64 << 20;

    private readonly StepOperations _steps;
    private readonly ImageRecord _image;
    private readonly Dictionary<string, (string Description, string? Digest, int Index)> _found = new(StringComparer.Ordinal);
    private readonly HashSet<string> _mounts = new(StringComparer.Ordinal);

    private CacheSource(StepOperations steps, ImageRecord image)
    {
        _steps = steps;
        _image = image;
    }

    /// <summary>How many steps it has.</summary>
    internal int Count => _found.Count;

    /// <summary>Reads what an image brings.</summary>
    internal static CacheSource Read(StepOperations steps, ImageRecord image, CancellationToken ct)
    {
        var source = new CacheSource(steps, image);
        if (steps.Read(image, "/" + SharedCache.FileName, ct) is { Kind: SourceKind.File } file)
        {
            try
            {
                var cache = JsonSerializer.Deserialize(file.ReadAll(MaxDocumentBytes), CacheJson.Default.SharedCache) ?? new SharedCache();
                foreach (var step in cache.Steps)
                    source._found[step.Key] = (step.Description, step.Layer, -1);
                source._mounts.UnionWith(cache.Mounts);
            }
            catch (JsonException)
            {
                // Somebody else's file of that name: nothing is known, so nothing is taken.
            }
            return source;
        }
        var layer = 0;
        foreach (var entry in image.Config.History)
        {
            var index = entry.EmptyLayer ? -1 : layer++;
            if (entry.Comment?.StartsWith(Comment, StringComparison.Ordinal) == true && index < image.Layers.Count)
                source._found[entry.Comment[Comment.Length..]] = (entry.CreatedBy ?? "", index < 0 ? null : image.Layers[index].DiffId.ToString(), index);
        }
        return source;
    }

    /// <summary>Puts a step on top of files; null: it is not here, or not what it should be.</summary>
    internal async Task<ImageRecord?> FindAsync(string key, ImageRecord? below, CancellationToken ct)
    {
        if (!_found.TryGetValue(key, out var step))
            return null;
        if (step.Digest is not { } digest)
            return await _steps.StackAsync(below, null, ct);
        var entry = step.Index >= 0 ? null : _steps.Read(_image, "/" + SharedCache.PathOfLayer(digest), ct);
        if (step.Index < 0 && entry is not { Kind: SourceKind.File })
            return null;
        var made = await _steps.StackAsync(
            below,
            tar =>
            {
                using var layer = entry is null ? _steps.OpenLayer(_image, step.Index) : entry.OpenRead();
                layer.CopyTo(tar);
            },
            ct);
        if (made.Layers is [.., var top] && top.DiffId.ToString() == digest)
            return made;
        _steps.Forget(made);
        return null;
    }

    /// <summary>What a cache mount begins with; null: it is not here.</summary>
    internal SourceEntry? FindMount(string id, CancellationToken ct) =>
        _mounts.Contains(id) && _steps.Read(_image, "/" + CacheMounts.SharedPathOf(id), ct) is { Kind: SourceKind.Directory } files ? files : null;
}
