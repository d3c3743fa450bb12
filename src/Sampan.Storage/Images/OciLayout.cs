using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Storage.Images;

/// <summary>
/// An OCI layout: <c>index.json</c> leads to manifests, through further indexes if need be; of an image for several platforms the one for
/// this machine is taken. See <see href="https://github.com/opencontainers/image-spec/blob/main/image-layout.md">image-spec, layout</see>.
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

    internal static IReadOnlyList<ArchivedImage> Read(ImageArchive archive, ContentStore content, ArchiveLimits limits) =>
        new OciLayout(archive, content, limits).Read();

    private List<ArchivedImage> Read()
    {
        var index = ArchiveDocuments.ParseIndex(_archive.ReadDocument(IndexFile), IndexFile);
        var images = new Dictionary<Digest, ArchivedImage>();
        foreach (var descriptor in index.Manifests)
        {
            if (Resolve(descriptor, 1) is not { } image)
                continue;
            // One image under several names has one entry for each.
            images[image.Id] = images.TryGetValue(image.Id, out var known)
                ? known with { Names = [.. known.Names.Union(image.Names)] }
                : image;
        }
        if (images.Count > 0)
            return [.. images.Values];
        throw _platforms.Count > 0
            ? new StorageException(StorageError.NotSupported, $"the archive has no image for {Platform.Current}, only for {string.Join(", ", _platforms.Distinct())}")
            : new StorageException(StorageError.InvalidInput, "the archive holds no image");
    }

    /// <summary>The image that a descriptor leads to, or null if it is something else or for other platforms.</summary>
    private ArchivedImage? Resolve(Descriptor? descriptor, int depth)
    {
        if (descriptor is null)
            throw ArchiveDocuments.Broken(IndexFile, "a manifest in it is null");
        if (++_manifests > _limits.MaxManifests)
            throw new StorageException(StorageError.InvalidInput, $"the archive's indexes name more than {_limits.MaxManifests} manifests: refused");
        if (IsArtifact(descriptor))
            return null;
        if (descriptor.Platform is { Os.Length: > 0 } platform && !Platform.Current.Runs(platform))
        {
            _platforms.Add(platform.ToString());
            return null;
        }
        var content = ReadDocument(descriptor);
        if (MediaTypes.IsIndex(descriptor.MediaType))
            return ResolveIndex(descriptor, content, depth);
        return MediaTypes.IsManifest(descriptor.MediaType) ? ReadManifest(descriptor, content) : null;
    }

    private ArchivedImage? ResolveIndex(Descriptor descriptor, byte[] content, int depth)
    {
        if (depth >= _limits.MaxIndexDepth)
            throw new StorageException(StorageError.InvalidInput, $"the archive's indexes are nested more than {_limits.MaxIndexDepth} deep: refused");
        var index = ArchiveDocuments.ParseIndex(content, descriptor.Digest.ToString());
        foreach (var manifest in index.Manifests)
        {
            if (Resolve(manifest, depth + 1) is { } image)
                return image with { Names = [.. image.Names.Union(Names(descriptor))] };
        }
        return null;
    }

    private ArchivedImage? ReadManifest(Descriptor descriptor, byte[] content)
    {
        var name = descriptor.Digest.ToString();
        var manifest = ArchiveDocuments.ParseManifest(content, name);
        if (manifest.ArtifactType is not null || !MediaTypes.IsConfig(manifest.Config.MediaType))
            return null;
        var config = ArchiveDocuments.ParseConfig(ReadDocument(manifest.Config), manifest.Config.Digest.ToString(), _limits);
        if (!Platform.Current.Runs(config.Platform) && descriptor.Platform is null && config.Os.Length > 0)
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
            Names = Names(descriptor),
        };
    }

    private Descriptor Checked(Descriptor? layer, string manifest)
    {
        if (layer is null)
            throw ArchiveDocuments.Broken(manifest, "a layer in it is null");
        if (!MediaTypes.IsLayer(layer.MediaType))
            throw new StorageException(StorageError.NotSupported, $"layer '{layer.Digest}' has the media type '{layer.MediaType}', which cannot be unpacked");
        var size = _archive.SizeOf(layer.Digest)
            ?? throw new StorageException(StorageError.Corrupt, $"the archive lacks layer '{layer.Digest}': it was cut off; save the image again");
        return size == layer.Size ? layer : throw ArchiveDocuments.Broken(manifest, $"layer '{layer.Digest}' has {size} bytes, not {layer.Size}");
    }

    private byte[] ReadDocument(Descriptor descriptor)
    {
        if (_archive.SizeOf(descriptor.Digest) is null)
            throw new StorageException(StorageError.Corrupt, $"the archive lacks blob '{descriptor.Digest}': it was cut off; save the image again");
        var content = _content.ReadDocument(descriptor.Digest, _limits.MaxDocumentBytes);
        return content.Length == descriptor.Size ? content : throw ArchiveDocuments.Broken(descriptor.Digest.ToString(), $"it has {content.Length} bytes, not {descriptor.Size}");
    }

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
