using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Images.Layouts;

/// <summary>Reads the JSON documents of images strictly: what has the wrong shape is refused with the document's name.</summary>
internal static class ArchiveDocuments
{
    internal static T Parse<T>(ReadOnlySpan<byte> content, string name, JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(content, json) ?? throw Broken(name, "it is null");
        }
        catch (JsonException broken)
        {
            throw new StorageException(StorageError.Corrupt, $"cannot read document '{name}' of the image: {broken.Message.TrimEnd('.')}", broken);
        }
    }

    internal static ImageConfig ParseConfig(ReadOnlySpan<byte> content, string name, ArchiveLimits limits)
    {
        var config = Parse(content, name, OciImageJson.Default.ImageConfig);
        if (config.RootFs.Type is not ("layers" or ""))
            throw Broken(name, $"its root file system has the unknown type '{config.RootFs.Type}'");
        if (config.RootFs.DiffIds.Count > limits.MaxLayers)
            throw new StorageException(StorageError.InvalidInput, $"the image has {config.RootFs.DiffIds.Count} layers, more than the {limits.MaxLayers} that can be stacked");
        if (config.RootFs.DiffIds.Any(diffId => diffId.IsEmpty))
            throw Broken(name, "a layer's digest is empty");
        if (config.Os is not ("linux" or ""))
            throw new StorageException(StorageError.NotSupported, $"cannot load {config.Os} image on linux");
        return config;
    }

    // One document must not be read as two things by two readers (CVE-2021-41190).
    internal static ImageManifest ParseManifest(ReadOnlySpan<byte> content, string name)
    {
        RefuseField(content, name, "manifests");
        var manifest = Parse(content, name, OciImageJson.Default.ImageManifest);
        if (manifest.SchemaVersion != 2)
            throw new StorageException(StorageError.NotSupported, $"manifest '{name}' has schema version {manifest.SchemaVersion}; only 2 is supported: push or save the image again with a current tool");
        if (manifest.MediaType is not null && !MediaTypes.IsManifest(manifest.MediaType))
            throw Broken(name, $"it says it is '{manifest.MediaType}', not an image's manifest");
        return manifest;
    }

    internal static ImageIndex ParseIndex(ReadOnlySpan<byte> content, string name)
    {
        RefuseField(content, name, "layers");
        RefuseField(content, name, "config");
        var index = Parse(content, name, OciImageJson.Default.ImageIndex);
        if (index.MediaType is not null && !MediaTypes.IsIndex(index.MediaType))
            throw Broken(name, $"it says it is '{index.MediaType}', not an index");
        return index;
    }

    /// <summary>Checks what a manifest that is no image says of its blobs.</summary>
    internal static void CheckBlobs(ImageManifest manifest, string name, ArchiveLimits limits)
    {
        foreach (var part in manifest.Layers.Prepend(manifest.Config))
        {
            if (part is null || part.Digest.IsEmpty || part.Size < 0 || part.Size > limits.MaxLayerBytes)
                throw Broken(name, "a blob in it has no digest, or a size that cannot be");
        }
        if (manifest.Layers.Count > limits.MaxLayers)
            throw new StorageException(StorageError.InvalidInput, $"manifest '{name}' names {manifest.Layers.Count} blobs, more than the {limits.MaxLayers} allowed");
    }

    internal static StorageException Broken(string name, string why) => new(StorageError.Corrupt, $"cannot read document '{name}' of the image: {why}");

    private static void RefuseField(ReadOnlySpan<byte> content, string name, string field)
    {
        try
        {
            var reader = new Utf8JsonReader(content);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals(field))
                    throw Broken(name, $"it has the field '{field}', which its kind of document must not have");
            }
        }
        catch (JsonException broken)
        {
            throw new StorageException(StorageError.Corrupt, $"cannot read document '{name}' of the image: {broken.Message.TrimEnd('.')}", broken);
        }
    }
}
