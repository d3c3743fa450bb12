using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Layouts;

namespace Sampan.Storage.Images.Remotes;

/// <summary>An image at a registry: its documents, read and checked, none of its layers.</summary>
internal sealed record RemoteImage
{
    /// <summary>The manifest.</summary>
    public required RegistryDocument Manifest { get; init; }

    /// <summary>The indexes that led to it, the outermost first; empty: the name points to the manifest itself.</summary>
    public required IReadOnlyList<RegistryDocument> Indexes { get; init; }

    /// <summary>The configuration's bytes.</summary>
    public required byte[] Config { get; init; }

    /// <summary>What it is in the store, once its layers are.</summary>
    public required ArchivedImage Image { get; init; }

    /// <summary>Goes from what the name points to, through indexes, to one image: (1) choose by platform (2) read the manifest (3) and the configuration.</summary>
    /// <exception cref="RegistryException">The registry lied, or sent too much.</exception>
    /// <exception cref="StorageException">The image is not for this platform, or not one.</exception>
    internal static async Task<RemoteImage> ReadAsync(ImageLocation location, ImageReference reference, Platform? platform, ArchiveLimits limits, CancellationToken ct)
    {
        var name = reference.Familiar;
        var client = location.Client;
        var indexes = new List<RegistryDocument>();
        var manifest = await ChooseAsync(client, location.Document, name, platform ?? Platform.Current, limits, indexes, ct);
        return await ReadAsync(client, manifest, indexes, reference, platform, limits, ct);
    }

    /// <summary>Reads (2) a manifest and (3) its configuration.</summary>
    internal static async Task<RemoteImage> ReadAsync(RegistryClient client, RegistryDocument manifest, IReadOnlyList<RegistryDocument> indexes, ImageReference reference, Platform? platform, ArchiveLimits limits, CancellationToken ct)
    {
        var name = reference.Familiar;
        var parsed = ArchiveDocuments.ParseManifest(manifest.Content, name);
        if (parsed.ArtifactType is not null || !MediaTypes.IsConfig(parsed.Config.MediaType))
            throw new StorageException(StorageError.NotSupported, $"'{name}' is no container image: its configuration is '{parsed.ArtifactType ?? parsed.Config.MediaType}'");
        if (parsed.Layers.Count > limits.MaxLayers)
            throw new StorageException(StorageError.InvalidInput, $"image '{name}' has {parsed.Layers.Count} layers, more than the {limits.MaxLayers} that can be stacked");
        var bytes = await client.GetDocumentAsync(parsed.Config, ct);
        var config = ArchiveDocuments.ParseConfig(bytes, parsed.Config.Digest.ToString(), limits);
        if (platform is not null && config.Os.Length > 0 && !platform.Runs(config.Platform))
            throw new StorageException(StorageError.NotFound, $"image with reference {name} was found but does not match the specified platform: wanted {platform}, actual: {config.Platform}");
        if (parsed.Layers.Count != config.RootFs.DiffIds.Count)
            throw ArchiveDocuments.Broken(name, $"its manifest has {parsed.Layers.Count} layers, its configuration {config.RootFs.DiffIds.Count}");
        return new RemoteImage
        {
            Manifest = manifest,
            Indexes = indexes,
            Config = bytes,
            Image = new ArchivedImage
            {
                Id = parsed.Config.Digest,
                Config = config,
                Layers = [.. parsed.Layers.Select(layer => Checked(layer, name, limits))],
                Manifest = manifest.Descriptor,
                Index = indexes.Count > 0 ? indexes[0].Descriptor : null,
                Names = [reference.Digest is { } digest ? reference.WithDigest(digest) : reference],
            },
        };
    }

    private static async Task<RegistryDocument> ChooseAsync(RegistryClient client, RegistryDocument document, string name, Platform platform, ArchiveLimits limits, List<RegistryDocument> indexes, CancellationToken ct)
    {
        if (!MediaTypes.IsIndex(document.Descriptor.MediaType))
            return document;
        var index = ReadIndex(document, name, indexes.Count + 1, limits);
        indexes.Add(document);
        if (ManifestChoice.For(platform, index.Manifests) is not [var best, ..])
        {
            var offered = ManifestChoice.Platforms(index.Manifests);
            throw new StorageException(StorageError.NotFound, $"no matching manifest for {platform} in the manifest list entries{(offered.Length > 0 ? $": there is {offered}" : "")}");
        }
        return await ChooseAsync(client, await FetchAsync(client, best, limits, ct), name, platform, limits, indexes, ct);
    }

    /// <summary>Reads an index.</summary>
    /// <exception cref="StorageException">It is nested too deep, or too long.</exception>
    internal static ImageIndex ReadIndex(RegistryDocument document, string name, int depth, ArchiveLimits limits)
    {
        if (depth >= limits.MaxIndexDepth)
            throw new StorageException(StorageError.InvalidInput, $"the indexes of image '{name}' are nested more than {limits.MaxIndexDepth} deep: refused");
        var index = ArchiveDocuments.ParseIndex(document.Content, name);
        return index.Manifests.Count <= limits.MaxManifests
            ? index
            : throw new StorageException(StorageError.InvalidInput, $"the index of image '{name}' names {index.Manifests.Count} manifests, more than the {limits.MaxManifests} allowed");
    }

    /// <summary>Gets what an index names.</summary>
    internal static Task<RegistryDocument> FetchAsync(RegistryClient client, Descriptor descriptor, ArchiveLimits limits, CancellationToken ct) => descriptor.Size >= 0 && descriptor.Size <= limits.MaxDocumentBytes
        ? client.GetManifestAsync(descriptor.Digest.ToString(), descriptor, patient: true, ct)
        : throw new StorageException(StorageError.InvalidInput, $"manifest '{descriptor.Digest}' is said to have {descriptor.Size} bytes, more than the {limits.MaxDocumentBytes} allowed");

    internal static Descriptor Checked(Descriptor? layer, string name, ArchiveLimits limits)
    {
        if (layer is null)
            throw ArchiveDocuments.Broken(name, "a layer in it is null");
        if (!MediaTypes.IsLayer(layer.MediaType))
            throw new StorageException(StorageError.NotSupported, $"layer '{layer.Digest}' of '{name}' has the media type '{layer.MediaType}', which cannot be unpacked");
        if (layer.Digest.IsEmpty || layer.Size < 0 || layer.Size > limits.MaxLayerBytes)
            throw new StorageException(StorageError.InvalidInput, $"layer '{layer.Digest}' of '{name}' is said to have {layer.Size} bytes, which is not between 0 and {limits.MaxLayerBytes}");
        return layer;
    }
}
