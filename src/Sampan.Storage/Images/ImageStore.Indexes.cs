using Sampan.Linux.Processes;
using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Layouts;

namespace Sampan.Storage.Images;

/// <summary>
/// Images for several platforms under one name. A name that stands for an index at its registry keeps the index's bytes; of the manifests
/// in it those are here that were pulled or loaded. One image is what the name means on this machine, the others go with it.
/// </summary>
public sealed partial class ImageStore
{
    // What indexes and the manifests in them say, by digest: they never change. Guarded by the gate.
    private readonly Dictionary<Digest, ImageIndex> _knownIndexes = [];
    private readonly Dictionary<Digest, ImageManifest> _knownManifests = [];

    /// <summary>Finds an image by what people write, for one platform: of the images that a name leads to the one that suits it best.</summary>
    /// <param name="referenceOrIdPrefix">Which.</param>
    /// <param name="platform">The platform; null: what the name means on this machine.</param>
    /// <returns>Null if there is none for that platform.</returns>
    /// <exception cref="StorageException">InvalidInput: the digits fit several images.</exception>
    public ImageRecord? Find(string referenceOrIdPrefix, Platform? platform)
    {
        lock (_gate)
        {
            if (FindEntry(referenceOrIdPrefix) is not { } entry)
                return null;
            return platform is null ? ToRecord(entry) : ForPlatform(entry, IndexMeantBy(referenceOrIdPrefix, entry.Stored.Id), platform) is { } chosen ? ToRecord(chosen) : null;
        }
    }

    /// <summary>What an image's names stand for: each manifest in their indexes, or the image's own one.</summary>
    /// <exception cref="StorageException">NotFound.</exception>
    public IReadOnlyList<ImageMember> Members(Digest imageId)
    {
        lock (_gate)
        {
            var entry = Required(imageId.ToString());
            var indexes = IndexesOf(imageId);
            if (indexes.Count > 0)
                return [.. indexes.SelectMany(LeavesOf).DistinctBy(leaf => leaf.Digest).Select(ToMember)];
            return [entry.Stored.Manifest is { } own ? ToMember(own) : ToMember(entry)];
        }
    }

    // An image that was made here has no manifest yet: as a save would write it.
    private ImageMember ToMember(Entry entry) => new()
    {
        Descriptor = MakeManifest(entry.Stored.Id, entry.Layers, entry.Stored.Annotations).Descriptor,
        IsComplete = true,
        ContentBytes = entry.Stored.Layers.DistinctBy(layer => layer.Digest).Sum(layer => layer.Size) + _content.Size(entry.Stored.Id),
        ImageId = entry.Stored.Id,
        Platform = entry.Config.Platform,
        UnpackedBytes = entry.Layers.Sum(layer => layer.Size),
    };

    private Entry? ForPlatform(Entry entry, Descriptor? index, Platform platform)
    {
        if (index is null)
            return entry.Config.Os.Length == 0 || platform.Runs(entry.Config.Platform) ? entry : null;
        var here = LeavesOf(index).Select(leaf => (Leaf: leaf with { Platform = leaf.Platform ?? ImageOf(leaf)?.Config.Platform }, Image: ImageOf(leaf))).Where(pair => pair.Image is not null).ToList();
        return ManifestChoice.For(platform, [.. here.Select(pair => pair.Leaf)]) is [var best, ..] ? here.Find(pair => pair.Leaf.Digest == best.Digest).Image : null;
    }

    private ImageMember ToMember(Descriptor leaf)
    {
        var manifest = ManifestOf(leaf);
        IReadOnlyList<Descriptor> parts = manifest is null ? [] : [manifest.Config, .. manifest.Layers];
        var here = parts.DistinctBy(part => part.Digest).Where(part => _content.Contains(part.Digest)).ToList();
        var image = ImageOf(leaf);
        return new ImageMember
        {
            Descriptor = leaf,
            IsComplete = manifest is not null && parts.All(part => _content.Contains(part.Digest)),
            ContentBytes = here.Sum(part => part.Size) + (manifest is null ? 0 : leaf.Size),
            IsAttestation = leaf.Annotation(ManifestChoice.AttestationAnnotation) is not null,
            Attests = Digest.TryParse(leaf.Annotation("vnd.docker.reference.digest"), out var subject) ? subject : null,
            ImageId = image?.Stored.Id,
            Platform = image?.Config.Platform ?? leaf.Platform,
            UnpackedBytes = image?.Layers.Sum(layer => layer.Size) ?? 0,
        };
    }

    // The manifests that an index leads to, through further ones that are here; an index that cannot be read leads nowhere.
    private List<Descriptor> LeavesOf(Descriptor index)
    {
        var leaves = new List<Descriptor>();
        Collect(index, 1);
        return leaves;

        void Collect(Descriptor at, int depth)
        {
            foreach (var next in IndexAt(at)?.Manifests ?? [])
            {
                if (next is null || leaves.Count >= _limits.MaxManifests)
                    continue;
                if (!MediaTypes.IsIndex(next.MediaType))
                    leaves.Add(next);
                else if (depth < _limits.MaxIndexDepth)
                    Collect(next, depth + 1);
            }
        }
    }

    // The index itself and those in it that are here.
    private List<Descriptor> IndexesIn(Descriptor index)
    {
        var found = new List<Descriptor>();
        Collect(index, 1);
        return found;

        void Collect(Descriptor at, int depth)
        {
            if (IndexAt(at) is not { } read || found.Count >= _limits.MaxManifests)
                return;
            found.Add(at);
            foreach (var next in read.Manifests.OfType<Descriptor>().Where(next => MediaTypes.IsIndex(next.MediaType) && depth < _limits.MaxIndexDepth))
                Collect(next, depth + 1);
        }
    }

    private ImageIndex? IndexAt(Descriptor descriptor) => Known(_knownIndexes, descriptor.Digest, ArchiveDocuments.ParseIndex);

    private ImageManifest? ManifestOf(Descriptor leaf) => MediaTypes.IsManifest(leaf.MediaType) ? Known(_knownManifests, leaf.Digest, ArchiveDocuments.ParseManifest) : null;

    private T? Known<T>(Dictionary<Digest, T> known, Digest digest, DocumentParser<T> parse)
        where T : class
    {
        if (!_content.Contains(digest))
            return null;
        if (known.TryGetValue(digest, out var document))
            return document;
        try
        {
            return known[digest] = parse(_content.ReadDocument(digest, _limits.MaxDocumentBytes), digest.ToString());
        }
        catch (StorageException)
        {
            // Damaged on disk, which the check finds, or garbage that somebody put into an index: it leads nowhere.
            return null;
        }
    }

    private delegate T DocumentParser<T>(ReadOnlySpan<byte> content, string name);

    private Entry? ImageOf(Descriptor leaf) => ManifestOf(leaf) is { } manifest ? _images.GetValueOrDefault(manifest.Config.Digest) : null;

    private IEnumerable<Digest> MembersOf(Descriptor index) => LeavesOf(index).Select(leaf => ImageOf(leaf)?.Stored.Id).OfType<Digest>();

    private IReadOnlyList<Descriptor> IndexesOf(Digest id) => [.. _names.Values.Where(name => name.Id == id).Select(name => name.Index).OfType<Descriptor>().DistinctBy(index => index.Digest)];

    private IReadOnlyList<Digest> SiblingsOf(Digest id) => [.. IndexesOf(id).SelectMany(MembersOf).Where(member => member != id).Distinct()];

    private bool IsMember(Digest id) =>
        _names.Values.Where(name => name.Id != id && name.Index is not null).DistinctBy(name => name.Index?.Digest).Any(name => name.Index is { } index && MembersOf(index).Contains(id));

    private Entry? FindByIndex(Digest digest) => _names.Values.FirstOrDefault(name => name.Index?.Digest == digest) is { } named ? _images[named.Id] : null;

    /// <summary>The index behind what a user wrote for an image, or null.</summary>
    private Descriptor? IndexMeantBy(string text, Digest id)
    {
        if (ImageReference.TryParse(text, out var reference, out _) && _names.TryGetValue(KeyOf(reference), out var named))
            return named.Index;
        return IndexesOf(id).FirstOrDefault();
    }

    private static string KeyOf(ImageReference reference) => (reference.Digest is { } digest ? reference.WithDigest(digest) : reference).ToString();

    /// <summary>Writes the names, of which this image has none, then removes its record, and from what indexes lead to its manifest: without that nothing keeps its blobs.</summary>
    private void Erase(Digest id)
    {
        // While its name stands on the disk a container's layers can be made again of its blobs; after that, nothing could.
        if (_images.TryGetValue(id, out var going) && Layers.IsUnflushed(going.Layers.Select(layer => layer.ChainId).Intersect(Snapshots.LiveLayers())))
            TryFlushLayers();
        var manifests = _names.Values.Select(name => name.Index).OfType<Descriptor>().DistinctBy(index => index.Digest).SelectMany(LeavesOf).Where(leaf => ManifestOf(leaf)?.Config.Digest == id).Select(leaf => leaf.Digest).ToList();
        _images.Remove(id);
        WriteNames();
        FailPoint.Reach("image-remove.names-written");
        File.Delete(FileOf(id));
        FailPoint.Reach("image-remove.record-removed");
        manifests.ForEach(_content.Remove);
    }

    /// <summary>Which image a name is to mean: another platform's of the same index must not take the place of this machine's.</summary>
    private Digest Preferred(ImageReference name, ArchivedImage arriving)
    {
        if (arriving.Index is not { } index || !_names.TryGetValue(KeyOf(name), out var known) || known.Index?.Digest != index.Digest || !_images.TryGetValue(known.Id, out var image))
            return arriving.Id;
        return Platform.Current.Runs(image.Config.Platform) && !Platform.Current.Runs(arriving.Config.Platform) ? known.Id : arriving.Id;
    }

    /// <summary>Every blob that is here because of an index that a name stands for: the indexes, and what there is of the manifests in them.</summary>
    private IEnumerable<(Digest Digest, string What, Digest ImageId)> IndexBlobs()
    {
        foreach (var name in _names.Values.DistinctBy(name => name.Index?.Digest))
        {
            if (name.Index is not { } index)
                continue;
            foreach (var inner in IndexesIn(index))
                yield return (inner.Digest, "index", name.Id);
            foreach (var leaf in LeavesOf(index))
            {
                if (ManifestOf(leaf) is not { } manifest)
                    continue;
                var what = leaf.Platform is { Os: not ("" or "unknown") } platform ? $" for {platform}" : leaf.Annotation(ManifestChoice.AttestationAnnotation) is { } kind ? $" ({kind})" : "";
                yield return (leaf.Digest, "manifest" + what, name.Id);
                yield return (manifest.Config.Digest, "configuration" + what, name.Id);
                foreach (var layer in manifest.Layers.OfType<Descriptor>())
                    yield return (layer.Digest, "layer" + what, name.Id);
            }
        }
    }
}
