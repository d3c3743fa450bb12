using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;
using Sampan.Storage.Images.Layers;

namespace Sampan.Storage.Images.Layouts;

/// <summary>What <c>docker save</c> writes: <c>manifest.json</c> names configurations, layers and tags.</summary>
internal static class DockerArchive
{
    internal const string ManifestFile = "manifest.json";

    internal static IReadOnlyList<ArchivedImage> Read(ImageArchive archive, ContentStore content, ArchiveLimits limits, CancellationToken ct)
    {
        var manifests = ArchiveDocuments.Parse(archive.ReadDocument(ManifestFile), ManifestFile, StorageJson.Default.IReadOnlyListArchiveManifest);
        if (manifests.Count > limits.MaxManifests)
            throw new StorageException(StorageError.InvalidInput, $"the archive holds {manifests.Count} images, more than the {limits.MaxManifests} allowed");
        return [.. manifests.Select(manifest => Read(manifest ?? throw ArchiveDocuments.Broken(ManifestFile, "an image in it is null"), archive, content, limits, ct))];
    }

    private static ArchivedImage Read(ArchiveManifest manifest, ImageArchive archive, ContentStore content, ArchiveLimits limits, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(manifest.Config))
            throw ArchiveDocuments.Broken(ManifestFile, "an image in it names no configuration");
        var bytes = archive.ReadDocument(manifest.Config);
        var config = ArchiveDocuments.ParseConfig(bytes, manifest.Config, limits);
        if (manifest.Layers.Count != config.RootFs.DiffIds.Count)
        {
            throw new StorageException(
                StorageError.Corrupt,
                $"invalid manifest, layers length mismatch: expected {config.RootFs.DiffIds.Count}, got {manifest.Layers.Count}");
        }
        return new ArchivedImage
        {
            Id = Digest.Of(bytes),
            Config = config,
            Layers = [.. manifest.Layers.Select(layer => Layer(layer, archive, content, limits, ct))],
            Parent = Digest.TryParse(manifest.Parent, out var parent) ? parent : null,
            Names = [.. manifest.RepoTags.Select(Name)],
        };
    }

    private static Descriptor Layer(string path, ImageArchive archive, ContentStore content, ArchiveLimits limits, CancellationToken ct)
    {
        var file = (string.IsNullOrEmpty(path) ? null : archive.Find(path))
            ?? throw new StorageException(StorageError.Corrupt, $"the archive lacks layer '{path}': it was cut off; save the image again");
        using var tar = Compression.Decompress(content.OpenRead(file.Digest), limits, out var kind);
        if (kind is CompressionKind.Xz or CompressionKind.Bzip2)
            return PlainLayer.Ingest(tar, content, limits, ct);
        var mediaType = kind switch
        {
            CompressionKind.Gzip => MediaTypes.OciLayerGzip,
            CompressionKind.Zstd => MediaTypes.OciLayerZstd,
            _ => MediaTypes.OciLayer,
        };
        return new Descriptor { MediaType = mediaType, Digest = file.Digest, Size = file.Size };
    }

    private static ImageReference Name(string? text) => ImageReference.TryParse(text, out var reference, out var error)
        ? reference
        : throw ArchiveDocuments.Broken(ManifestFile, $"the name '{text}': {error}");
}
