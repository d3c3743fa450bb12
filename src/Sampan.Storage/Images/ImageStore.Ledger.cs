using System.Collections.Concurrent;
using Sampan.Oci.Images;
using Sampan.Storage.Collection;
using Sampan.Storage.Images.Attachments;

namespace Sampan.Storage.Images;

/// <summary>Which bytes the images take, and why.</summary>
public sealed partial class ImageStore
{
    // Layers never change, so each is measured once.
    private readonly ConcurrentDictionary<int, long> _layerBytes = new();

    /// <summary>A line for everything below <c>content</c>, <c>layers</c> and <c>images</c>, the directories themselves included.</summary>
    /// <param name="isUsed">Whether a container was made of an image: then it is not reclaimable.</param>
    public IReadOnlyList<LedgerLine> Ledger(Func<ImageRecord, bool> isUsed)
    {
        var images = List();
        var keptBySnapshots = Snapshots.LiveLayers().ToHashSet();
        var used = images.Where(isUsed).Select(image => image.Id).ToHashSet();
        var lines = new List<LedgerLine>();
        var meter = new DiskMeter();

        var layerUsers = images.SelectMany(image => image.Layers.Select(layer => (layer.ChainId, Image: image))).ToLookup(pair => pair.ChainId, pair => pair.Image);
        foreach (var layer in Layers.List())
        {
            var path = Layers.DirectoryOf(layer);
            var bytes = _layerBytes.GetOrAdd(layer.Directory, _ => new DiskMeter().Of(path)) + meter.Of(Layers.RecordOf(layer));
            var users = layerUsers[layer.ChainId].DistinctBy(image => image.Id).ToList();
            var isKept = keptBySnapshots.Contains(layer.ChainId);
            var isCache = users.Count > 0 && users.TrueForAll(image => image.IsStep);
            var reason = isCache ? "unpacked layer of the build cache" : users.Count > 0 ? $"unpacked layer of {Names([.. users.Where(image => !image.IsStep)])}" : isKept ? "unpacked layer that only a container still needs" : "unpacked layer that nothing refers to";
            lines.Add(new LedgerLine(isCache ? LedgerKind.BuildCache : LedgerKind.Layer, layer.ChainId.ToString(), path, bytes, reason, !isKept && !users.Exists(image => used.Contains(image.Id))));
        }

        var blobUsers = images.SelectMany(BlobsOf).ToLookup(pair => pair.Digest, pair => (pair.What, pair.Image));
        HashSet<Digest> referred;
        ILookup<Digest, (string What, Digest ImageId)> indexed;
        ILookup<Digest, AttachedManifest> attached;
        lock (_gate)
        {
            referred = Referred().Blobs;
            indexed = IndexBlobs().ToLookup(blob => blob.Digest, blob => (blob.What, blob.ImageId));
            attached = AttachedBlobs(referred).ToLookup(blob => blob.Digest, blob => blob.Attached);
        }
        var byId = images.ToDictionary(image => image.Id);
        var plugins = _plugins.Blobs().ToLookup(blob => blob.Digest);
        var awaited = _content.Partial.Kept().ToHashSet();
        foreach (var blob in _content.List())
        {
            var users = blobUsers[blob].ToList();
            var isCache = users.Count > 0 && users.TrueForAll(user => user.Image.IsStep);
            var reason = isCache ? $"{users[0].What} of the build cache" : users.Count > 0
                ? $"{users[0].What} of {Names([.. users.Select(user => user.Image).Where(image => !image.IsStep).DistinctBy(image => image.Id)])}"
                : indexed[blob].Any() ? $"{indexed[blob].First().What} of {Names([.. indexed[blob].Select(user => user.ImageId).Distinct().Where(byId.ContainsKey).Select(id => byId[id])])}"
                : plugins[blob].FirstOrDefault() is { Plugin: { } plugin } part ? $"{part.What} of plugin {plugin.Name}"
                : attached[blob].FirstOrDefault() is { } about ? $"{about.Manifest.ArtifactType ?? "manifest"} attached to {about.Subject.Short}"
                : awaited.Contains(blob) ? "whole layer of an interrupted download that the next pull goes on with"
                : referred.Contains(blob) ? "manifest that a push made" : "blob that no image refers to";
            lines.Add(new LedgerLine(isCache ? LedgerKind.BuildCache : users.Count == 0 && plugins.Contains(blob) ? LedgerKind.Plugin : LedgerKind.Blob, blob.ToString(), _content.PathOf(blob), meter.Of(_content.PathOf(blob)), reason, !users.Exists(user => used.Contains(user.Image.Id)) && !plugins.Contains(blob)));
        }

        AddRest(lines, meter, [.. images.Where(image => image.IsStep).Select(image => Path.GetFileName(FileOf(image.Id)))]);
        return lines;
    }

    private void AddRest(List<LedgerLine> lines, DiskMeter meter, HashSet<string> steps)
    {
        var content = Path.Combine(DataRoot, "content");
        foreach (var (directory, reason) in new[] { ("ingest", "blob that is just being written"), ("partial", "interrupted download that the next pull goes on with") })
        {
            foreach (var file in Files(Path.Combine(content, directory)))
                lines.Add(new LedgerLine(LedgerKind.Unfinished, Path.GetFileName(file), file, meter.Of(file), reason, directory == "partial"));
        }
        foreach (var file in Files(_root))
        {
            var isStep = steps.Contains(Path.GetFileName(file));
            var reason = isStep ? "record of a step in the build cache" : Path.GetFileName(file) == ReferencesFile ? "names of all images" : "record of an image";
            lines.Add(new LedgerLine(isStep ? LedgerKind.BuildCache : LedgerKind.Image, Path.GetFileName(file), file, meter.Of(file), reason, isStep));
        }
        var layers = Path.Combine(DataRoot, "layers");
        var known = Layers.List().SelectMany(layer => new[] { Layers.DirectoryOf(layer), Layers.RecordOf(layer) }).ToHashSet(StringComparer.Ordinal);
        foreach (var other in Directory.EnumerateFileSystemEntries(layers).Where(path => !known.Contains(path)))
            lines.Add(new LedgerLine(LedgerKind.Unfinished, Path.GetFileName(other), other, meter.Of(other), "layer that is just being unpacked or removed", false));
        foreach (var directory in new[] { content, Path.Combine(content, "blobs"), Path.Combine(content, "blobs", "sha256"), Path.Combine(content, "ingest"), Path.Combine(content, "partial"), layers, _root })
            lines.Add(new LedgerLine(LedgerKind.Engine, Path.GetRelativePath(DataRoot, directory), directory, meter.OfDirectoryAlone(directory), "directory of the store", false));
    }

    private IEnumerable<(Digest Digest, string What, ImageRecord Image)> BlobsOf(ImageRecord image)
    {
        yield return (image.Id, "configuration", image);
        if (image.Manifest is { } manifest)
            yield return (manifest.Digest, "manifest", image);
        foreach (var layer in image.Layers)
            yield return (layer.Blob.Digest, layer.Blob.Digest == layer.DiffId ? "layer as it came, kept for push and save," : "compressed layer as it came, kept for push and save,", image);
    }

    private static string Names(List<ImageRecord> images)
    {
        const int Shown = 3;
        var names = images.Select(image => image.RepoTags.Count > 0 ? image.RepoTags[0].Familiar : image.RepoDigests.Count > 0 ? image.RepoDigests[0].Familiar : image.Id.Short).Order(StringComparer.Ordinal).ToList();
        return string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");
    }

    private static IEnumerable<string> Files(string directory) => Directory.Exists(directory) ? Directory.EnumerateFileSystemEntries(directory) : [];
}
