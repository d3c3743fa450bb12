using System.IO.Compression;
using System.Text.Json;
using Sampan.Linux.Files;
using Sampan.Linux.Processes;
using Sampan.Oci.Images;
using Sampan.Oci.Plugins;
using Sampan.Storage.Archives;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Remotes;
using Sampan.Storage.Plugins;
using Sampan.Storage.Records;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images;

/// <summary>Managed plugins: their blobs lie among those of images, their files in a directory of their own, for a plugin may write to them.</summary>
public sealed partial class ImageStore
{
    private const int MaxConfigBytes = 1024 * 1024;
    private const UnixFileMode PublicDirectory = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly PluginRecords _plugins;

    /// <summary>All managed plugins.</summary>
    public IReadOnlyList<PluginRecord> Plugins() => _plugins.All();

    /// <summary>The directory of a plugin: its files, its record, what it mounts for others.</summary>
    public string PluginDirectory(string id) => _plugins.DirectoryOf(id);

    /// <summary>
    /// Makes a plugin of a tar with <c>config.json</c> and <c>rootfs/</c>.
    /// <list type="number">
    /// <item>Read the configuration; store the files as one layer, compressed with gzip, as registries want it.</item>
    /// <item>Write configuration and manifest.</item>
    /// <item>Unpack the layer.</item>
    /// <item>Flush blobs and files; the last step that can fail.</item>
    /// <item>Write the record.</item>
    /// </list>
    /// </summary>
    /// <param name="context">The tar.</param>
    /// <param name="id">The new plugin's.</param>
    /// <param name="name">Its name with its tag.</param>
    /// <param name="check">Refuses configurations.</param>
    /// <param name="ct">Cancels until the record is written.</param>
    /// <exception cref="StorageException">The tar or what is in it cannot be used.</exception>
    public async Task<PluginRecord> CreatePluginAsync(Stream context, string id, string name, Action<PluginConfig> check, CancellationToken ct)
    {
        try
        {
            using var writing = new Writing(this);
            var (config, layer) = await StreamPump.ReadAsync(context, stream => ReadPlugin(stream, ct), ct); // 1
            check(config);
            config = config with { DockerVersion = null, Rootfs = new PluginRootfs { Type = "layers", DiffIds = [layer.Digest.ToString()] } };
            var document = JsonSerializer.SerializeToUtf8Bytes(config, PluginJson.Plain.PluginConfig);
            var blob = new Descriptor { MediaType = PluginConfig.MediaType, Digest = _content.Put(document), Size = document.Length }; // 2
            var manifest = new ImageManifest { SchemaVersion = 2, MediaType = MediaTypes.DockerManifest, Config = blob, Layers = [layer] };
            var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest, OciImageJson.Plain.ImageManifest);
            var source = new RegistryDocument(new Descriptor { MediaType = MediaTypes.DockerManifest, Digest = _content.Put(bytes), Size = bytes.Length }, bytes);
            FailPoint.Reach("plugin.blobs-stored");
            return await Task.Run(() => Install(new RemotePlugin(source, manifest, document, config), id, name, name, null, ct), CancellationToken.None); // 3 to 5
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
    }

    /// <summary>The configuration of a plugin at a registry.</summary>
    /// <exception cref="RegistryException">It is not there, not for this user, or the registry fails.</exception>
    /// <exception cref="StorageException">It is no plugin.</exception>
    public async Task<PluginConfig> ReadPluginAsync(Registries registries, ImageReference reference, RegistryCredentials? credentials, CancellationToken ct) =>
        (await RemotePlugin.ReadAsync(await registries.LocateAsync(reference, credentials, ct, isPlugin: true), reference, _limits, ct)).Config;

    /// <summary>
    /// Fetches a plugin; a <paramref name="before"/> is upgraded in place, and is what it was until the new one is whole.
    /// </summary>
    /// <param name="registries">The registries.</param>
    /// <param name="reference">The plugin there.</param>
    /// <param name="credentials">The user's, or null.</param>
    /// <param name="id">The new plugin's, or that of <paramref name="before"/>.</param>
    /// <param name="name">Its name here.</param>
    /// <param name="before">What is upgraded; null: nothing.</param>
    /// <param name="check">Refuses configurations, and those that ask for more than was granted.</param>
    /// <param name="progress">Told each step.</param>
    /// <param name="ct">Cancels until the record is written; what was fetched stays for the next try.</param>
    /// <exception cref="RegistryException">It is not there, not for this user, or the registry fails.</exception>
    /// <exception cref="StorageException">It is no plugin, or cannot be stored.</exception>
    public async Task<PluginRecord> PullPluginAsync(Registries registries, ImageReference reference, RegistryCredentials? credentials, string id, string name, PluginRecord? before, Action<PluginConfig> check, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        using var writing = new Writing(this);
        _content.Partial.Sweep(_time.GetUtcNow() - registries.Options.KeepPartial);
        var location = await registries.LocateAsync(reference, credentials, ct, isPlugin: true);
        var remote = await RemotePlugin.ReadAsync(location, reference, _limits, ct);
        check(remote.Config);
        var layers = remote.Manifest.Layers.DistinctBy(layer => layer.Digest).ToList();
        return await UnlessFullAsync(layers, async () =>
        {
            foreach (var layer in layers)
                progress?.Report(new TransferProgress(layer.Digest.Short, _content.Contains(layer.Digest) ? "Already exists" : "Pulling fs layer"));
            await AllAsync(layers.Select<Descriptor, Func<CancellationToken, Task<Descriptor>>>(layer => async stop =>
            {
                await FetchAsync(registries, location, layer, null, progress, stop);
                return layer;
            }), ct);
            _content.Put(remote.Document);
            _content.Put(remote.Source.Content);
            FailPoint.Reach("plugin.blobs-stored");
            var plugin = await Task.Run(() => Install(remote, id, name, reference.ToString(), before, ct), CancellationToken.None);
            foreach (var layer in layers)
            {
                _content.Partial.Release(layer.Digest);
                progress?.Report(new TransferProgress(layer.Digest.Short, "Pull complete"));
            }

            return plugin;
        });
    }

    /// <summary>Sends a plugin to its registry: blobs that are not there, then the manifest under the tag.</summary>
    /// <exception cref="RegistryException">The registry refused or fails.</exception>
    public async Task<PushedTag> PushPluginAsync(Registries registries, PluginRecord plugin, ImageReference reference, RegistryCredentials? credentials, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        using var writing = new Writing(this);
        var blobs = plugin.Layers.Append(plugin.ConfigBlob).DistinctBy(blob => blob.Digest).ToList();
        foreach (var blob in blobs)
            progress?.Report(new TransferProgress(blob.Digest.Short, "Preparing"));
        var client = await registries.OpenAsync(reference, credentials, ct, isPlugin: true);
        foreach (var blob in blobs)
        {
            if (await client.HasBlobAsync(blob.Digest, ct))
            {
                progress?.Report(new TransferProgress(blob.Digest.Short, "Layer already exists"));
                continue;
            }

            await client.UploadAsync(blob.Digest, _content.PathOf(blob.Digest), blob.Size, new TransferMeter(progress, blob.Digest.Short, "Pushing", blob.Size, _time), ct);
            progress?.Report(new TransferProgress(blob.Digest.Short, "Pushed"));
        }

        var tag = reference.Tag ?? ImageReference.DefaultTag;
        await client.PutManifestAsync(tag, new RegistryDocument(plugin.Manifest, _content.ReadDocument(plugin.Manifest.Digest, _limits.MaxDocumentBytes)), ct);
        return Told(new PushedTag(tag, plugin.Manifest.Digest, plugin.Manifest.Size), progress);
    }

    /// <summary>Writes a plugin's record.</summary>
    public void SavePlugin(PluginRecord plugin) => _plugins.Save(plugin);

    /// <summary>Removes a plugin with its files; blobs that nothing else needs go too.</summary>
    public void RemovePlugin(string id)
    {
        using var writing = new Writing(this);
        _plugins.Remove(id);
    }

    // Either the new files and the record that names them are there, or what was there before.
    private PluginRecord Install(RemotePlugin remote, string id, string name, string reference, PluginRecord? before, CancellationToken ct)
    {
        var files = _plugins.NextFiles(id);
        var directory = Path.Combine(_plugins.Prepare(id), files);
        try
        {
            Unpack(remote.Manifest.Layers, directory, ct);
            using (var root = DirectoryHandle.Open(directory))
                root.Descriptor.SyncFileSystem();
            _content.Flush(remote.Manifest.Layers.Select(layer => layer.Digest));
            FailPoint.Reach("plugin.files-unpacked");
            var plugin = new PluginRecord
            {
                Id = id,
                Name = name,
                Reference = reference,
                ConfigBlob = remote.Manifest.Config,
                Manifest = remote.Source.Descriptor,
                Layers = remote.Manifest.Layers,
                Files = files,
                Config = remote.Config,
                Settings = PluginDefaults.Of(remote.Config, before),
            };
            _plugins.Save(plugin);
            FailPoint.Reach("plugin.record-stored");
            if (before is not null)
                RemovedTrees.Empty(Path.Combine(_plugins.DirectoryOf(id), before.Files));
            return plugin;
        }
        catch
        {
            if (before is null)
                _plugins.Remove(id);
            else if (Directory.Exists(directory) && _plugins.All().FirstOrDefault(plugin => plugin.Id == id)?.Files != files)
                RemovedTrees.Empty(directory);
            throw;
        }
    }

    private void Unpack(IReadOnlyList<Descriptor> layers, string target, CancellationToken ct)
    {
        if (layers.Count == 1)
        {
            Unpack(layers[0], target, ct);
            return;
        }

        // Of several each hides some of those below: they are unpacked apart, and merged.
        var parts = layers.Select((layer, i) => (Layer: layer, Path: $"{target}.{i}")).ToList();
        try
        {
            foreach (var (layer, path) in parts)
                Unpack(layer, path, ct);
            Make(target);
            using var view = new RootView([.. parts.Select(part => part.Path).Reverse()], writable: null, Layers.Style);
            view.CopyTo("/", target);
        }
        finally
        {
            foreach (var (_, path) in parts.Where(part => Directory.Exists(part.Path)))
                RemovedTrees.Empty(path);
        }
    }

    private void Unpack(Descriptor layer, string target, CancellationToken ct)
    {
        Make(target);
        using var root = DirectoryHandle.Open(target);
        using var tar = Compression.Decompress(_content.OpenRead(layer.Digest), _limits);
        using var unpacker = new LayerUnpacker(root, _limits, Layers.Style);
        unpacker.Unpack(tar, ct);
    }

    private static void Make(string directory)
    {
        if (Directory.Exists(directory))
            RemovedTrees.Empty(directory);
        Directory.CreateDirectory(directory);
        // The umask must not narrow the plugin's root directory.
        File.SetUnixFileMode(directory, PublicDirectory);
    }

    private (PluginConfig Config, Descriptor Layer) ReadPlugin(Stream context, CancellationToken ct)
    {
        using var tar = Compression.Decompress(context, _limits);
        using var reader = new TarReader(tar, _limits);
        using var ingest = _content.Begin();
        byte[]? config = null;
        var hasFiles = false;
        using (var gzip = new GZipStream(new BufferedStream(new IngestStream(ingest.Write), 256 * 1024), CompressionLevel.Fastest))
        {
            var writer = new TarWriter(gzip);
            var buffer = new byte[256 * 1024];
            while (reader.Next() is { } entry)
            {
                ct.ThrowIfCancellationRequested();
                var path = PathOf(entry.Name);
                if (path == PluginFiles.Config && entry.Kind == TarEntryKind.File)
                    config = reader.ReadAll(MaxConfigBytes);
                if (PluginFiles.Below(path) is not { } inside)
                    continue;
                hasFiles = true;
                var link = entry.Kind != TarEntryKind.HardLink ? entry.LinkName
                    : PluginFiles.Below(PathOf(entry.LinkName)) ?? throw new StorageException(StorageError.InvalidInput, $"'{RawName.Show(entry.Name)}' of the plugin is a hard link to '{RawName.Show(entry.LinkName)}', which is not below rootfs");
                writer.Begin(entry with { Name = inside.Length == 0 ? "./" : inside, LinkName = link, IsSparse = false });
                for (int read; (read = reader.Read(buffer)) > 0;)
                {
                    ct.ThrowIfCancellationRequested();
                    writer.Write(buffer.AsSpan(0, read));
                }
            }

            writer.End();
        }

        if (!hasFiles)
            throw new StorageException(StorageError.InvalidInput, "no rootfs found: the tar has to hold a directory 'rootfs' with the plugin's files");
        if (config is null)
            throw new StorageException(StorageError.InvalidInput, "config not found: the tar has to hold a file 'config.json'");
        var digest = ingest.Commit();
        return (RemotePlugin.Parse(config, "config.json"), new Descriptor { MediaType = MediaTypes.DockerLayerGzip, Digest = digest, Size = ingest.Length });

        static string PathOf(string name) => LayerPath.TryParse(name, out var path)
            ? path.Full
            : throw new StorageException(StorageError.InvalidInput, $"path '{RawName.Show(name)}' in the plugin's tar leads out of it: refused");
    }
}
