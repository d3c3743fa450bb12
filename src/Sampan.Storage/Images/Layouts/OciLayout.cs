using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Storage.Images.Layouts;

/// <summary>
/// An OCI layout: <c>index.json</c> leads to manifests, through further indexes if need be; of an image for several platforms all that the
/// archive has are taken, the one for this machine gets the names. See <see href="https://github.com/opencontainers/image-spec/blob/main/image-layout.md">image-spec, layout</see>.
/// </summary>
internal sealed class OciLayout
{
    internal const string IndexFile = "index.json";
    internal const string NameAnnotation = "io.containerd.image.name";
    internal const string RefAnnotation = "org.opencontainers.image.ref.name";
    private const string AttestationAnnotation = "vnd.docker.reference.type";

    private readonly ImageArchive _archive;
    private readonly ContentStore _content;
    private readonly ArchiveLimits _limits;
    private readonly List<string> _platforms = [];
    private int _manifests;

    private OciLayout(ImageArchive archive, ContentStore content, ArchiveLimits limits)
    {
        _archive = archive;
        _content = content;
        _limits = limits;
    }

    internal static IReadOnlyList<ArchivedImage> Read(ImageArchive archive, ContentStore content, ArchiveLimits limits)
    {
        var layout = new OciLayout(archive, content, limits);
        if (layout.ReadAll() is { Count: > 0 } images)
            return images;
        throw layout._platforms.Count > 0
            ? new StorageException(StorageError.NotSupported, $"the archive has no image for {Platform.Current}, only for {string.Join(", ", layout._platforms.Distinct())}")
            : new StorageException(StorageError.InvalidInput, "the archive holds no image");
    }

    /// <summary>
    /// For an archive that is a docker-archive as well: adds to the images of <c>manifest.json</c>, whose word on names counts, what only the
    /// layout knows: the manifests that they came with, and the indexes with the images for other platforms.
    /// </summary>
    internal static IReadOnlyList<ArchivedImage> Complete(IReadOnlyList<ArchivedImage> images, ImageArchive archive, ContentStore content, ArchiveLimits limits)
    {
        var all = new OciLayout(archive, content, limits).ReadAll();
        var complete = new List<ArchivedImage>();
        foreach (var image in images)
        {
            // Manifests that a save made for an image that came with none name its plain layers: those are made anew.
            var own = all.Find(other => other.Index is null && other.Id == image.Id && other.Layers.Select(layer => layer.Digest).SequenceEqual(image.Layers.Select(layer => layer.Digest)) && !other.Layers.Any(layer => layer.MediaType is MediaTypes.OciLayer or MediaTypes.DockerLayer));
            var rest = own is null ? image : image with { Manifest = own.Manifest, Layers = own.Layers };
            foreach (var indexed in all.Where(other => other is { Index: not null, IsMember: false } && other.Id == image.Id))
            {
                complete.Add(indexed with { Names = [.. indexed.Names.Intersect(image.Names)], Parent = image.Parent });
                complete.AddRange(all.Where(other => other.IsMember && other.Index == indexed.Index));
                rest = rest with { Names = [.. rest.Names.Except(indexed.Names)] };
            }
            if (rest.Names.Count > 0 || !complete.Exists(other => other.Id == image.Id))
                complete.Add(rest);
        }
        return complete;
    }

    private List<ArchivedImage> ReadAll()
    {
        var index = ArchiveDocuments.ParseIndex(_archive.ReadDocument(IndexFile), IndexFile);
        var images = new List<ArchivedImage>();
        foreach (var image in index.Manifests.SelectMany(Resolve))
        {
            // One image under several names has one entry for each.
            var known = images.FindIndex(other => other.Id == image.Id && other.Index?.Digest == image.Index?.Digest);
            if (known < 0)
                images.Add(image);
            else
                images[known] = images[known] with { Names = [.. images[known].Names.Union(image.Names)], IsMember = images[known].IsMember && image.IsMember };
        }
        return images;
    }

    /// <summary>What a descriptor of the layout leads to: an image, the images of an index, or nothing if it is something else or for other platforms.</summary>
    private IReadOnlyList<ArchivedImage> Resolve(Descriptor? descriptor)
    {
        if (descriptor is null)
            throw ArchiveDocuments.Broken(IndexFile, "a manifest in it is null");
        Count();
        if (IsArtifact(descriptor))
            return [];
        if (descriptor.Platform is { Os.Length: > 0 } platform && !Platform.Current.Runs(platform))
        {
            _platforms.Add(platform.ToString());
            return [];
        }
        if (MediaTypes.IsIndex(descriptor.MediaType))
            return ReadIndex(descriptor);
        return MediaTypes.IsManifest(descriptor.MediaType) && ReadManifest(descriptor, ReadDocument(descriptor), anyPlatform: false) is { } image ? [image with { Names = Names(descriptor) }] : [];
    }

    // The image for this machine first, or whichever there is; the others belong to it.
    private List<ArchivedImage> ReadIndex(Descriptor descriptor)
    {
        var leaves = new List<Descriptor>();
        CollectLeaves(descriptor, 1, leaves);
        var images = new List<ArchivedImage>();
        Descriptor? absent = null;
        foreach (var leaf in leaves.Where(leaf => MediaTypes.IsManifest(leaf.MediaType) && !IsArtifact(leaf) && leaf.Platform?.Os is null or "" or "linux"))
        {
            var isOurs = leaf.Platform is null || Platform.Current.Runs(leaf.Platform);
            if (_archive.SizeOf(leaf.Digest) is null)
                absent ??= isOurs ? leaf : null;
            else if ((isOurs || IsWhole(leaf)) && ReadManifest(leaf, ReadDocument(leaf), anyPlatform: true) is { } image)
                images.Add(image);
            if (!isOurs)
                _platforms.Add(leaf.Platform?.ToString() ?? "");
        }
        if (images.Count == 0)
            return absent is null ? [] : throw Lacks("blob", absent.Digest);
        var index = new Descriptor { MediaType = descriptor.MediaType, Digest = descriptor.Digest, Size = descriptor.Size };
        var best = images.Find(image => Platform.Current.Runs(image.Config.Platform)) ?? images[0];
        return [best with { Index = index, Names = Names(descriptor) }, .. images.Where(image => image.Id != best.Id).DistinctBy(image => image.Id).Select(image => image with { Index = index, IsMember = true })];
    }

    private void CollectLeaves(Descriptor descriptor, int depth, List<Descriptor> leaves)
    {
        if (depth >= _limits.MaxIndexDepth)
            throw new StorageException(StorageError.InvalidInput, $"the archive's indexes are nested more than {_limits.MaxIndexDepth} deep: refused");
        var index = ArchiveDocuments.ParseIndex(ReadDocument(descriptor), descriptor.Digest.ToString());
        foreach (var next in index.Manifests)
        {
            if (next is null)
                throw ArchiveDocuments.Broken(descriptor.Digest.ToString(), "a manifest in it is null");
            Count();
            if (MediaTypes.IsIndex(next.MediaType))
                CollectLeaves(next, depth + 1, leaves);
            else
                leaves.Add(next);
        }
    }

    private void Count()
    {
        if (++_manifests > _limits.MaxManifests)
            throw new StorageException(StorageError.InvalidInput, $"the archive's indexes name more than {_limits.MaxManifests} manifests: refused");
    }

    // An archive may hold one platform of many: what is not whole for another machine is no loss here.
    private bool IsWhole(Descriptor leaf)
    {
        var manifest = ArchiveDocuments.ParseManifest(ReadDocument(leaf), leaf.Digest.ToString());
        return manifest.Layers.Prepend(manifest.Config).All(part => part is null || _archive.SizeOf(part.Digest) is not null);
    }

    private ArchivedImage? ReadManifest(Descriptor descriptor, byte[] content, bool anyPlatform)
    {
        var name = descriptor.Digest.ToString();
        var manifest = ArchiveDocuments.ParseManifest(content, name);
        if (manifest.ArtifactType is not null || !MediaTypes.IsConfig(manifest.Config.MediaType))
            return null;
        var config = ArchiveDocuments.ParseConfig(ReadDocument(manifest.Config), manifest.Config.Digest.ToString(), _limits);
        if (!anyPlatform && !Platform.Current.Runs(config.Platform) && descriptor.Platform is null && config.Os.Length > 0)
        {
            _platforms.Add(config.Platform.ToString());
            return null;
        }
        if (manifest.Layers.Count != config.RootFs.DiffIds.Count)
            throw ArchiveDocuments.Broken(name, $"it has {manifest.Layers.Count} layers, the configuration {config.RootFs.DiffIds.Count}");
        return new ArchivedImage
        {
            Id = manifest.Config.Digest,
            Config = config,
            Layers = [.. manifest.Layers.Select(layer => Checked(layer, name))],
            Manifest = new Descriptor { MediaType = descriptor.MediaType, Digest = descriptor.Digest, Size = descriptor.Size },
        };
    }

    private Descriptor Checked(Descriptor? layer, string manifest)
    {
        if (layer is null)
            throw ArchiveDocuments.Broken(manifest, "a layer in it is null");
        if (!MediaTypes.IsLayer(layer.MediaType))
            throw new StorageException(StorageError.NotSupported, $"layer '{layer.Digest}' has the media type '{layer.MediaType}', which cannot be unpacked");
        var size = _archive.SizeOf(layer.Digest)
            ?? throw Lacks("layer", layer.Digest);
        return size == layer.Size ? layer : throw ArchiveDocuments.Broken(manifest, $"layer '{layer.Digest}' has {size} bytes, not {layer.Size}");
    }

    private byte[] ReadDocument(Descriptor descriptor)
    {
        if (_archive.SizeOf(descriptor.Digest) is null)
            throw Lacks("blob", descriptor.Digest);
        var content = _content.ReadDocument(descriptor.Digest, _limits.MaxDocumentBytes);
        return content.Length == descriptor.Size ? content : throw ArchiveDocuments.Broken(descriptor.Digest.ToString(), $"it has {content.Length} bytes, not {descriptor.Size}");
    }

    private static StorageException Lacks(string what, Digest digest) => new(StorageError.Corrupt, $"the archive lacks {what} '{digest}': it was cut off; save the image again");

    private static bool IsArtifact(Descriptor descriptor) =>
        descriptor.ArtifactType is not null || descriptor.Annotation(AttestationAnnotation) is not null
        || descriptor.Platform is { Os: "unknown", Architecture: "unknown" };

    // containerd and BuildKit write the whole name; others write it, or only a tag, into the specification's own annotation.
    private static IReadOnlyList<ImageReference> Names(Descriptor descriptor)
    {
        var text = descriptor.Annotation(NameAnnotation);
        if (text is null && descriptor.Annotation(RefAnnotation) is { } name && (name.Contains('/') || name.Contains(':')))
            text = name;
        if (text is null)
            return [];
        return ImageReference.TryParse(text, out var reference, out var error) && reference.Digest is null
            ? [reference]
            : throw ArchiveDocuments.Broken(IndexFile, $"the name '{text}': {error ?? "it has a digest"}");
    }
}
