using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Layouts;

namespace Sampan.Storage.Images.Remotes;

/// <summary>All that an index at a registry leads to: documents, read and checked, no layers.</summary>
internal sealed record RemoteIndex
{
    /// <summary>The indexes, the outermost first.</summary>
    public required IReadOnlyList<RegistryDocument> Indexes { get; init; }

    /// <summary>The images that can be unpacked on Linux, the one for this machine first.</summary>
    public required IReadOnlyList<RemoteImage> Images { get; init; }

    /// <summary>What else there is (attestations, images of other systems): kept as bytes.</summary>
    public required IReadOnlyList<(RegistryDocument Document, ImageManifest Manifest)> Others { get; init; }

    /// <summary>Reads (1) the indexes, from the outermost in (2) each manifest (3) the images' configurations.</summary>
    /// <exception cref="RegistryException">The registry lied, or sent too much.</exception>
    /// <exception cref="StorageException">There is no image in it, too many, or one that cannot be unpacked.</exception>
    internal static async Task<RemoteIndex> ReadAsync(ImageLocation location, ImageReference reference, ArchiveLimits limits, CancellationToken ct)
    {
        var walk = new Walk(location, reference, limits, ct);
        await walk.IndexAsync(location.Document, 1);
        if (walk.Images.Count == 0)
            throw new StorageException(StorageError.NotSupported, $"the index of '{reference.Familiar}' has no image for Linux");
        var best = ManifestChoice.For(Platform.Current, [.. walk.Images.Select(image => image.Manifest.Descriptor with { Platform = image.Image.Config.Platform })]) is [var first, ..] ? first.Digest : walk.Images[0].Manifest.Descriptor.Digest;
        return new RemoteIndex
        {
            Indexes = walk.Indexes,
            Images = [.. walk.Images.OrderBy(image => image.Manifest.Descriptor.Digest == best ? 0 : 1)],
            Others = walk.Others,
        };
    }

    private sealed class Walk(ImageLocation location, ImageReference reference, ArchiveLimits limits, CancellationToken ct)
    {
        private readonly HashSet<Digest> _seen = [];

        internal List<RegistryDocument> Indexes { get; } = [];

        internal List<RemoteImage> Images { get; } = [];

        internal List<(RegistryDocument Document, ImageManifest Manifest)> Others { get; } = [];

        internal async Task IndexAsync(RegistryDocument document, int depth)
        {
            var index = RemoteImage.ReadIndex(document, reference.Familiar, depth, limits);
            Indexes.Add(document);
            foreach (var descriptor in index.Manifests)
            {
                if (descriptor is null)
                    throw ArchiveDocuments.Broken(reference.Familiar, "a manifest in it is null");
                if (!_seen.Add(descriptor.Digest))
                    continue;
                if (_seen.Count > limits.MaxManifests)
                    throw new StorageException(StorageError.InvalidInput, $"the indexes of image '{reference.Familiar}' name more than {limits.MaxManifests} manifests: refused");
                var next = await RemoteImage.FetchAsync(location.Client, descriptor, limits, ct);
                if (MediaTypes.IsIndex(next.Descriptor.MediaType))
                    await IndexAsync(next, depth + 1);
                else
                    await ManifestAsync(descriptor, next);
            }
        }

        private async Task ManifestAsync(Descriptor descriptor, RegistryDocument document)
        {
            var manifest = ArchiveDocuments.ParseManifest(document.Content, descriptor.Digest.ToString());
            var isImage = manifest.ArtifactType is null && MediaTypes.IsConfig(manifest.Config.MediaType) && descriptor.Annotation(ManifestChoice.AttestationAnnotation) is null && descriptor.Platform?.Os is null or "" or "linux";
            if (isImage)
            {
                Images.Add(await RemoteImage.ReadAsync(location.Client, document, [Indexes[0]], reference, null, limits, ct));
                return;
            }
            ArchiveDocuments.CheckBlobs(manifest, descriptor.Digest.ToString(), limits);
            Others.Add((document, manifest));
        }
    }
}
