using Sampan.Oci.Images;
using Sampan.Storage.Records;

namespace Sampan.Storage.Plugins;

/// <summary>
/// The managed plugins of a data root.
/// <code>
/// DATA-ROOT/plugins/ID/plugin.json        the record; without it the directory goes when the store is opened
/// DATA-ROOT/plugins/ID/rootfs-N           its files, which it may write to
/// DATA-ROOT/plugins/ID/propagated-mount   what it mounts for others
/// DATA-ROOT/plugins/ID/plugin.log         what it said
/// </code>
/// </summary>
/// <remarks>Thread-safe for different plugins; the caller orders changes of one.</remarks>
internal sealed class PluginRecords
{
    private const string FilesPrefix = "rootfs-";

    private readonly RecordDirectory<PluginRecord> _records;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PluginRecord> _plugins = new(StringComparer.Ordinal);

    internal PluginRecords(string dataRoot, RemovedTrees? removed)
    {
        _records = new RecordDirectory<PluginRecord>(Path.Combine(dataRoot, "plugins"), "plugin.json", 1, StorageJson.Default.PluginRecord, removed);
        var scan = _records.Scan();
        Damaged = scan.Damaged;
        foreach (var (key, record) in scan.Records)
        {
            _plugins[key] = record;
            // An upgrade that was interrupted, before its record or after.
            foreach (var other in Directory.EnumerateDirectories(_records.DirectoryOf(key), FilesPrefix + "*").Where(path => Path.GetFileName(path) != record.Files))
                DiskRefusal.TryNow(() => RemovedTrees.Empty(other));
        }
    }

    /// <summary>Those that cannot be read: nobody knows what they refer to.</summary>
    internal IReadOnlyList<DamagedRecord> Damaged { get; }

    internal IReadOnlyList<PluginRecord> All()
    {
        lock (_gate)
            return [.. _plugins.Values];
    }

    /// <summary>What must stay in the content store.</summary>
    internal IEnumerable<(Digest Digest, string What, PluginRecord Plugin)> Blobs()
    {
        foreach (var plugin in All())
        {
            yield return (plugin.ConfigBlob.Digest, "configuration", plugin);
            yield return (plugin.Manifest.Digest, "manifest", plugin);
            foreach (var layer in plugin.Layers)
                yield return (layer.Digest, "layer as it came, kept for push,", plugin);
        }
    }

    internal string DirectoryOf(string id) => _records.DirectoryOf(id);

    /// <summary>The directory for files that are not those of the record, if there is one.</summary>
    internal string NextFiles(string id)
    {
        lock (_gate)
            return _plugins.TryGetValue(id, out var plugin) && int.TryParse(plugin.Files.AsSpan(FilesPrefix.Length), out var number) ? $"{FilesPrefix}{number + 1}" : $"{FilesPrefix}1";
    }

    internal string Prepare(string id) => _records.Prepare(id);

    internal void Save(PluginRecord plugin)
    {
        _records.Save(plugin.Id, plugin, durable: true);
        lock (_gate)
            _plugins[plugin.Id] = plugin;
    }

    internal void Remove(string id)
    {
        _records.Remove(id);
        lock (_gate)
            _plugins.Remove(id);
    }
}
