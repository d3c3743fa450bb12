using System.Text.Json;
using Sampan.Linux;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Collection;
using Sampan.Storage.Images.Layouts;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images;

/// <summary>Records that are not what they were: what was lost on the disk is written again, what was lost before the start is put together from blobs.</summary>
public sealed partial class ImageStore
{
    private const string NoRecord = "its record is missing";

    // Images that their names or files tell of and that cannot be read, with the reason; nothing is collected while there are any.
    private readonly Dictionary<Digest, string> _unread = [];

    // What those are called: kept in the file of all names, so that an image that is restored has them again.
    private readonly Dictionary<string, NamedImage> _lostNames = new(StringComparer.Ordinal);

    /// <summary>Images and plugins that cannot be read, with the reason: their files stay, but they are not listed.</summary>
    public IReadOnlyList<string> Damaged
    {
        get
        {
            lock (_gate)
                return [.. _unread.Select(image => $"image '{image.Key.Short}' cannot be read: {image.Value}"), .. _plugins.Damaged.Select(plugin => $"plugin '{plugin.Key}' cannot be read: {plugin.Reason}")];
        }
    }

    /// <summary>How many images had layers that were not whole when the store was opened, and were unpacked again.</summary>
    public int UnpackedAgain { get; private set; }

    private IReadOnlyList<(Digest Id, string Problem)> Unread()
    {
        lock (_gate)
            return [.. _unread.Select(image => (image.Key, image.Value))];
    }

    /// <summary>Records on the disk that do not say what is known here, and how each is written again.</summary>
    private IReadOnlyList<(LedgerKind Kind, string Id, string Problem, Action Write)> WrongRecords()
    {
        var wrong = new List<(LedgerKind, string, string, Action)>();
        lock (_gate)
        {
            foreach (var entry in _images.Values)
            {
                if (Wrong(FileOf(entry.Stored.Id), file => Text(JsonSerializer.Deserialize(file, StorageJson.Default.StoredImage)), Text(entry.Stored)) is { } problem)
                    wrong.Add((LedgerKind.Image, entry.Stored.Id.ToString(), problem, () => WriteAgain(entry.Stored.Id)));
            }
            foreach (var layer in Layers.List())
            {
                if (Wrong(Layers.RecordOf(layer), file => LayerText(JsonSerializer.Deserialize(file, StorageJson.Default.LayerRecord)), LayerText(layer)) is { } problem && Layers.Find(layer.ChainId)?.Directory == layer.Directory)
                    wrong.Add((LedgerKind.Layer, layer.ChainId.ToString(), problem, () => Layers.WriteAgain(layer.ChainId)));
            }
            var names = _names.Values.Concat(_lostNames.Values).DistinctBy(name => name.Reference.ToString()).ToDictionary(name => name.Reference.ToString(), name => name.Id);
            if (names.Count > 0 && Wrong(Path.Combine(_root, ReferencesFile), file => NamesText(JsonSerializer.Deserialize(file, StorageJson.Default.StoredReferences)?.Names), NamesText(names)) is { } lost)
                wrong.Add((LedgerKind.Image, ReferencesFile, lost, WriteNamesAgain));
        }
        return wrong;

        // Read and written again: an older version's words mean the same.
        static string Text(StoredImage? image) => JsonSerializer.Serialize(image, StorageJson.Default.StoredImage);
        // Whether it was flushed may change at any time.
        static string LayerText(LayerRecord? layer) => JsonSerializer.Serialize(layer is null ? null : layer with { Boot = null }, StorageJson.Default.LayerRecord);
        static string NamesText(IReadOnlyDictionary<string, Digest>? names) => string.Join('\n', (names ?? new Dictionary<string, Digest>()).Select(name => $"{name.Key}={name.Value}").Order(StringComparer.Ordinal));

        static string? Wrong(string file, Func<byte[], string> text, string expected)
        {
            try
            {
                return text(File.ReadAllBytes(file)) == expected ? null : "its record on the disk is not what the engine wrote";
            }
            catch (FileNotFoundException)
            {
                return NoRecord;
            }
            catch (Exception unreadable) when (unreadable is JsonException or IOException)
            {
                return $"its record cannot be read: {unreadable.Message}";
            }
        }
    }

    // By the time it is written an image may be gone, or another one.
    private void WriteAgain(Digest id)
    {
        lock (_gate)
        {
            if (_images.TryGetValue(id, out var entry))
                WriteImage(entry);
        }
    }

    private void WriteNamesAgain()
    {
        lock (_gate)
            WriteNames();
    }

    private async Task RestoreAsync(Digest id, IReadOnlySet<Digest> good, CancellationToken ct)
    {
        var config = ArchiveDocuments.ParseConfig(ReadConfig(id), id.ToString(), _limits);
        var stored = ReadStored(id) ?? Rebuild(id, config, good);
        var chain = LayerSource.Chain(config.RootFs.DiffIds);
        if (chain.Count != stored.Layers.Count || !stored.Layers.All(layer => good.Contains(layer.Digest)))
            throw new StorageException(StorageError.Corrupt, "not all of its layers are here");
        var sources = stored.Layers.Select((blob, i) => new LayerSource(config.RootFs.DiffIds[i], chain[i], () => Compression.Decompress(_content.OpenRead(blob.Digest), _limits), blob.Digest == config.RootFs.DiffIds[i])).ToList();
        await Layers.EnsureAsync(sources, ct);
        lock (_gate)
        {
            WriteImage(ReadEntry(stored));
            _unread.Remove(id);
            foreach (var (key, name) in _lostNames.Where(name => name.Value.Id == id).ToList())
            {
                _lostNames.Remove(key);
                _names.TryAdd(key, name);
            }
            WriteNames();
        }
    }

    // Lost with the machine, before they were on the disk; their blobs were (docs/adr/0011).
    private void UnpackAgain(StoredImage stored, IReadOnlyList<Digest> diffIds)
    {
        try
        {
            Layers.EnsureAsync(Sources(diffIds, [.. stored.Layers.Select(layer => layer.Digest)]), CancellationToken.None).GetAwaiter().GetResult();
            UnpackedAgain++;
        }
        catch (Exception failed) when (failed is StorageException or LinuxException or IOException)
        {
            throw new StorageException(StorageError.Corrupt, $"its layers are not whole and cannot be unpacked again: {failed.Message}; start the daemon again when that is mended, or load or pull the image again", failed);
        }
    }

    // A disk that takes nothing, say: then nothing goes either, until the next time.
    private bool TryFlushLayers()
    {
        try
        {
            Layers.Flush();
            return true;
        }
        catch (LinuxException)
        {
            return false;
        }
    }

    private StoredImage? ReadStored(Digest id)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(FileOf(id)), StorageJson.Default.StoredImage) is { } stored && stored.Id == id ? stored : null;
        }
        catch (Exception lost) when (lost is JsonException or FileNotFoundException)
        {
            return null;
        }
    }

    // By a manifest that leads to it; without one its layers are here only if they came as they are.
    private StoredImage Rebuild(Digest id, ImageConfig config, IReadOnlySet<Digest> good)
    {
        // A step of a build is as well made again.
        if (!_lostNames.Values.Any(name => name.Id == id))
            throw new StorageException(StorageError.Corrupt, "it has no name");
        foreach (var blob in good.Where(blob => _content.Size(blob) <= _limits.MaxDocumentBytes && blob != id))
        {
            if (ManifestIn(blob) is { } manifest && manifest.Config.Digest == id && manifest.Layers.Count == config.RootFs.DiffIds.Count && manifest.Layers.All(layer => good.Contains(layer.Digest)))
                return new StoredImage { Id = id, Layers = manifest.Layers, Manifest = new Descriptor { MediaType = manifest.MediaType ?? MediaTypes.OciManifest, Digest = blob, Size = _content.Size(blob) }, Tagged = _time.GetUtcNow() };
        }
        if (!config.RootFs.DiffIds.All(good.Contains))
            throw new StorageException(StorageError.Corrupt, "no manifest tells which layers it has");
        return new StoredImage { Id = id, Layers = [.. config.RootFs.DiffIds.Select(diff => new Descriptor { MediaType = MediaTypes.OciLayer, Digest = diff, Size = _content.Size(diff) })], Tagged = _time.GetUtcNow() };
    }

    private ImageManifest? ManifestIn(Digest blob)
    {
        try
        {
            return ArchiveDocuments.ParseManifest(_content.ReadDocument(blob, _limits.MaxDocumentBytes), blob.ToString());
        }
        catch (StorageException)
        {
            // Most blobs are something else.
            return null;
        }
    }

    // The record stays on disk under another name for somebody to look at; only now is it known again what may be collected.
    private void PutAside(Digest damaged)
    {
        lock (_gate)
        {
            if (File.Exists(FileOf(damaged)))
                File.Move(FileOf(damaged), Path.Combine(_root, damaged.Hex + ".damaged"), overwrite: true);
            _unread.Remove(damaged);
            foreach (var name in _lostNames.Where(name => name.Value.Id == damaged).Select(name => name.Key).ToList())
                _lostNames.Remove(name);
            WriteNames();
        }
    }
}
