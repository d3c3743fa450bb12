using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Oci.Plugins;
using Sampan.Storage.Archives;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Layouts;

namespace Sampan.Storage.Images.Remotes;

/// <summary>A plugin's documents, read and checked, none of its layers.</summary>
/// <param name="Source">The manifest as it came.</param>
/// <param name="Manifest">What it says.</param>
/// <param name="Document">The configuration's bytes.</param>
/// <param name="Config">What it says.</param>
internal sealed record RemotePlugin(RegistryDocument Source, ImageManifest Manifest, byte[] Document, PluginConfig Config)
{
    internal static async Task<RemotePlugin> ReadAsync(ImageLocation location, ImageReference reference, ArchiveLimits limits, CancellationToken ct)
    {
        var name = reference.Familiar;
        var source = location.Document;
        if (!MediaTypes.IsManifest(source.Descriptor.MediaType))
            throw new StorageException(StorageError.InvalidInput, $"'{name}' is no plugin: it is '{source.Descriptor.MediaType}'");
        var manifest = ArchiveDocuments.ParseManifest(source.Content, name);
        if (manifest.Config?.MediaType != PluginConfig.MediaType)
            throw new StorageException(StorageError.InvalidInput, $"'{name}' is no plugin: its configuration is '{manifest.Config?.MediaType}', not '{PluginConfig.MediaType}'");
        ArchiveDocuments.CheckBlobs(manifest, name, limits);
        if (manifest.Layers.Count == 0)
            throw new StorageException(StorageError.InvalidInput, $"plugin '{name}' has no files");
        foreach (var layer in manifest.Layers)
            _ = RemoteImage.Checked(layer, name, limits);
        var document = await location.Client.GetDocumentAsync(manifest.Config, ct);
        return new RemotePlugin(source, manifest, document, Parse(document, manifest.Config.Digest.ToString()));
    }

    internal static PluginConfig Parse(ReadOnlySpan<byte> document, string name)
    {
        try
        {
            return JsonSerializer.Deserialize(document, PluginJson.Default.PluginConfig) ?? throw new JsonException("it is null");
        }
        catch (JsonException broken)
        {
            throw new StorageException(StorageError.InvalidInput, $"failed to parse config: '{name}' is no plugin's configuration: {broken.Message.TrimEnd('.')}", broken);
        }
    }
}
