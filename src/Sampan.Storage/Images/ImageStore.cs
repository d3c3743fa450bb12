using System.Text.Json;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;
using Sampan.Storage.Images.Explanations;
using Sampan.Storage.Images.Layers;
using Sampan.Storage.Images.Layouts;
using Sampan.Storage.Plugins;
using Sampan.Storage.Records;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images;

/// <summary>
/// The images of a daemon: their blobs, unpacked layers and names.
/// <code>
/// DATA-ROOT/images/HEX.json            one image: which blobs it has
/// DATA-ROOT/images/references.json     all names
/// DATA-ROOT/content, DATA-ROOT/layers  what the images share
/// </code>
/// What no image and no snapshot refers to is removed: with the last reference, and when the store is opened.
/// </summary>
/// <remarks>Thread-safe. Changes are on disk when a method returns.</remarks>
public sealed partial class ImageStore
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string ReferencesFile = "references.json";

    private readonly string _root;
    private readonly TimeProvider _time;
    private readonly ArchiveLimits _limits;
    private readonly ContentStore _content;

    // Guards what follows, and the order of changes on disk.
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, Entry> _images = [];
    private readonly SortedDictionary<string, NamedImage> _names = new(StringComparer.Ordinal);
    private int _writers;

    private ImageStore(string dataRoot, TimeProvider time, ArchiveLimits limits, RemovedTrees? removed, string boot)
    {
        _root = Path.Combine(dataRoot, "images");
        _time = time;
        _limits = limits;
        Directory.CreateDirectory(dataRoot, OwnerOnly);
        Directory.CreateDirectory(_root, OwnerOnly);
        _content = ContentStore.Open(dataRoot);
        Layers = LayerStore.Open(dataRoot, limits, boot);
        Snapshots = new SnapshotRecords(dataRoot, removed);
        _plugins = new PluginRecords(dataRoot, removed);
    }

    /// <summary>The directory below which everything lies.</summary>
    internal string DataRoot => Path.GetDirectoryName(_root) ?? "/";

    /// <summary>The unpacked layers of all images.</summary>
    internal LayerStore Layers { get; }

    /// <summary>Which layers the containers' snapshots need.</summary>
    internal SnapshotRecords Snapshots { get; }

    /// <summary>Opens the store below <paramref name="dataRoot"/>, makes it if it is not there, and removes what a crash left.</summary>
    /// <param name="dataRoot">The daemon's data root.</param>
    /// <param name="time">The clock for times of tagging.</param>
    /// <param name="limits">How much an archive may ask for; null is <see cref="ArchiveLimits.Default"/>.</param>
    /// <param name="removed">Where removed snapshots are emptied; null: whoever removes one waits for it.</param>
    public static ImageStore Open(string dataRoot, TimeProvider time, ArchiveLimits? limits = null, RemovedTrees? removed = null) => Open(dataRoot, time, limits, removed, MachineBoot.Id);

    /// <summary>As above, in a boot of the machine that tests choose.</summary>
    internal static ImageStore Open(string dataRoot, TimeProvider time, ArchiveLimits? limits, RemovedTrees? removed, string boot)
    {
        var store = new ImageStore(dataRoot, time, limits ?? ArchiveLimits.Default, removed, boot);
        store.ReadImages();
        store.ReadNames();
        // Pulled whole, and the daemon died before it could say that these downloads need no keeping any more.
        var whole = store._images.Values.SelectMany(image => image.Stored.Layers).Concat(store._plugins.All().SelectMany(plugin => plugin.Layers)).Select(layer => layer.Digest).ToHashSet();
        foreach (var layer in store._content.Partial.Kept().Where(whole.Contains).ToList())
            DiskRefusal.TryNow(() => store._content.Partial.Release(layer));
        lock (store._gate)
        {
            DiskRefusal.TryNow(() => store.Collect());
            // What stays though nothing known refers to it: nobody knows who flushed it.
            var (referred, _) = store.Referred();
            foreach (var blob in store._content.List().Where(blob => !referred.Contains(blob)))
                store._content.MustFlush(blob);
        }
        DiskRefusal.TryNow(store.Layers.Sweep);
        return store;
    }

    /// <summary>All images, the youngest first.</summary>
    public IReadOnlyList<ImageRecord> List()
    {
        lock (_gate)
            return [.. _images.Values.Select(ToRecord).OrderByDescending(image => image.Created).ThenBy(image => image.Id.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>Finds an image by name, <c>name@digest</c>, identity, or the first digits of an identity.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="StorageException">InvalidInput: the digits fit several images.</exception>
    public ImageRecord? Find(string referenceOrIdPrefix)
    {
        lock (_gate)
            return FindEntry(referenceOrIdPrefix) is { } entry ? ToRecord(entry) : null;
    }

    /// <summary>Gives an image another name; a name that another image has moves.</summary>
    /// <exception cref="StorageException">NotFound; InvalidInput: the target has a digest, or the digits fit several images.</exception>
    public ImageRecord Tag(string source, ImageReference target)
    {
        if (target.Digest is not null)
            throw new StorageException(StorageError.InvalidInput, "refusing to create a tag with a digest reference");
        lock (_gate)
        {
            var entry = Required(source);
            var before = _names.GetValueOrDefault(target.ToString());
            SetName(target, entry.Stored.Id, IndexMeantBy(source, entry.Stored.Id));
            try
            {
                Touch(entry);
                WriteNames();
            }
            catch
            {
                // A full disk, say: what is known here is what stands there.
                if (before is null)
                    _names.Remove(target.ToString());
                else
                    _names[target.ToString()] = before;
                throw;
            }

            return ToRecord(_images[entry.Stored.Id]);
        }
    }

    /// <summary>How the image came about, the last step first.</summary>
    /// <exception cref="StorageException">NotFound; Corrupt: the history and the layers do not fit.</exception>
    public IReadOnlyList<ImageHistoryLine> History(string referenceOrId)
    {
        lock (_gate)
        {
            var image = ToRecord(Required(referenceOrId));
            var lines = new List<ImageHistoryLine>();
            var layer = 0;
            var steps = image.Config.History;
            for (var i = 0; i < steps.Count; i++)
            {
                if (!steps[i].EmptyLayer && layer == image.Layers.Count)
                    throw new StorageException(StorageError.Corrupt, $"history of image '{image.Id.Short}' has more steps with layers than the image has layers");
                var size = steps[i].EmptyLayer ? 0 : image.Layers[layer++].Size;
                var isLast = i == steps.Count - 1;
                lines.Add(new ImageHistoryLine(isLast ? image.Id : null, steps[i], size, isLast ? [.. image.RepoTags.Select(tag => tag.Familiar)] : []));
            }
            lines.Reverse();
            return lines;
        }
    }

    /// <summary>The configuration's own bytes.</summary>
    /// <exception cref="StorageException">Corrupt: they are not there or damaged.</exception>
    public byte[] ReadConfig(Digest imageId) => _content.ReadDocument(imageId, _limits.MaxDocumentBytes);

    /// <summary>Bytes of all unpacked layers, each counted once: the images' part of <c>docker system df</c>.</summary>
    public long LayersSize() => Layers.List().Sum(layer => layer.Size);

    /// <summary>Removes what of <paramref name="layers"/> neither an image nor a snapshot needs any more, now that a snapshot let them go.</summary>
    internal void Release(IReadOnlyList<Digest> layers)
    {
        lock (_gate)
        {
            // Nearly always the image is still there, and nothing needs looking for.
            var top = layers.Count == 0 ? default(Digest?) : layers[^1];
            if (top is null || _images.Values.Any(image => image.Layers.Any(layer => layer.ChainId == top)))
                return;
            Collect();
        }
        Layers.Sweep();
    }

    /// <summary>
    /// Runs <paramref name="pin"/>, which makes a snapshot, while the image's layers stay whoever removes the image. Nobody waits for it: it writes, and a disk may be slow.
    /// </summary>
    /// <exception cref="StorageException">NotFound: the image is gone already.</exception>
    internal void Pin(Digest imageId, Action pin)
    {
        IReadOnlyList<Digest> layers;
        lock (_gate)
        {
            if (!_images.TryGetValue(imageId, out var image))
                throw NoSuchImage(imageId.ToString());
            layers = [.. image.Layers.Select(layer => layer.ChainId)];
            Snapshots.Expect(layers);
        }

        var isPinned = false;
        try
        {
            pin();
            isPinned = true;
        }
        finally
        {
            Snapshots.ExpectNoMore(layers);
            if (!isPinned)
                Release(layers);
        }
    }

    private static StorageException NoSuchImage(string name) =>
        new(StorageError.NotFound, $"No such image: {(ImageReference.TryParse(name, out var reference, out _) ? reference.Familiar : name)}");

    private Entry Required(string referenceOrId)
    {
        if (FindEntry(referenceOrId) is { } entry)
            return entry;
        var isName = ImageReference.TryParse(referenceOrId, out _, out var error) || Digest.TryParseHex(referenceOrId, out _);
        throw isName ? NoSuchImage(referenceOrId) : new StorageException(StorageError.InvalidInput, error ?? "invalid reference format");
    }

    private Entry? FindEntry(string text)
    {
        if (Digest.TryParse(text, out var id))
            return _images.GetValueOrDefault(id) ?? _images.Values.FirstOrDefault(image => image.Stored.Manifest?.Digest == id) ?? FindByIndex(id);
        if (ImageReference.TryParse(text, out var reference, out _))
        {
            if (_names.TryGetValue(KeyOf(reference), out var named))
                return _images[named.Id];
        }
        return FindPrefix(text);
    }

    private Entry? FindPrefix(string text)
    {
        var prefix = text.StartsWith("sha256:", StringComparison.Ordinal) ? text["sha256:".Length..] : text;
        if (prefix.Length == 0 || !Digest.IsLowerHex(prefix))
            return null;
        var found = _images.Values.Where(image => image.Stored.Id.Hex.StartsWith(prefix, StringComparison.Ordinal)).Take(2).ToList();
        return found.Count < 2
            ? found.SingleOrDefault()
            : throw new StorageException(StorageError.InvalidInput, $"image id prefix '{text}' is ambiguous: give more digits");
    }

    private ImageRecord ToRecord(Entry entry)
    {
        var names = _names.Values.Where(name => name.Id == entry.Stored.Id).Select(name => name.Reference).ToList();
        return new ImageRecord
        {
            Id = entry.Stored.Id,
            Config = entry.Config,
            RepoTags = [.. names.Where(name => name.Digest is null)],
            RepoDigests = [.. names.Where(name => name.Digest is not null)],
            Layers = entry.Layers,
            Size = entry.Layers.Sum(layer => layer.Size),
            Manifest = entry.Stored.Manifest,
            Annotations = entry.Stored.Annotations,
            Parent = entry.Stored.Parent is { } parent && _images.ContainsKey(parent) ? parent : null,
            LastTagged = entry.Stored.Tagged,
            Indexes = IndexesOf(entry.Stored.Id),
            Siblings = SiblingsOf(entry.Stored.Id),
            IsMember = IsMember(entry.Stored.Id),
            IsStep = entry.Stored.IsStep,
        };
    }

    private void SetName(ImageReference reference, Digest id, Descriptor? index) => _names[reference.ToString()] = new NamedImage(reference, id, index);

    private void Touch(Entry entry) => WriteImage(entry with { Stored = entry.Stored with { Tagged = _time.GetUtcNow() } });

    private void WriteImage(Entry entry)
    {
        AtomicFile.Write(FileOf(entry.Stored.Id), JsonSerializer.SerializeToUtf8Bytes(entry.Stored, StorageJson.Default.StoredImage));
        _images[entry.Stored.Id] = entry;
    }

    private void WriteNames()
    {
        var all = _names.Concat(_lostNames).DistinctBy(name => name.Key).ToList();
        var indexes = all.Where(name => name.Value.Index is not null).ToDictionary(name => name.Key, name => name.Value.Index);
        var unnamed = _images.Keys.Concat(_unread.Keys).Except(all.Select(name => name.Value.Id)).ToList();
        var names = new StoredReferences(all.ToDictionary(name => name.Key, name => name.Value.Id), indexes.Count == 0 ? null : indexes, unnamed, _attached.Count == 0 ? null : _attached);
        AtomicFile.Write(Path.Combine(_root, ReferencesFile), JsonSerializer.SerializeToUtf8Bytes(names, StorageJson.Default.StoredReferences));
    }

    private string FileOf(Digest id) => Path.Combine(_root, id.Hex + ".json");

    private void ReadImages()
    {
        foreach (var file in Directory.EnumerateFiles(_root))
        {
            var name = Path.GetFileName(file);
            if (name.StartsWith('.'))
                DiskRefusal.TryNow(() => File.Delete(file));
            if (!name.EndsWith(".json", StringComparison.Ordinal) || !Digest.TryParseHex(name[..^5], out var id))
                continue;
            try
            {
                var stored = JsonSerializer.Deserialize(File.ReadAllBytes(file), StorageJson.Default.StoredImage);
                if (stored is null || stored.Id != id)
                    throw new StorageException(StorageError.Corrupt, "its file names another image");
                _images[id] = ReadEntry(stored);
            }
            catch (Exception unreadable) when (unreadable is JsonException or StorageException or LinuxException)
            {
                _unread[id] = unreadable is JsonException ? $"its record is damaged: {unreadable.Message}" : unreadable.Message;
            }
        }
    }

    private Entry ReadEntry(StoredImage stored)
    {
        var config = ArchiveDocuments.ParseConfig(ReadConfig(stored.Id), stored.Id.ToString(), _limits);
        var diffIds = config.RootFs.DiffIds;
        if (diffIds.Count != stored.Layers.Count)
            throw new StorageException(StorageError.Corrupt, $"it has {stored.Layers.Count} layers, its configuration {diffIds.Count}");
        var chain = LayerSource.Chain(diffIds);
        if (chain.Any(chainId => Layers.Find(chainId) is null))
            UnpackAgain(stored, diffIds);
        var layers = new List<ImageLayer>(chain.Count);
        for (var i = 0; i < chain.Count; i++)
        {
            var layer = Layers.Find(chain[i]) ?? throw new StorageException(StorageError.Corrupt, $"its layer '{chain[i]}' is missing");
            layers.Add(new ImageLayer(diffIds[i], chain[i], stored.Layers[i], layer.Size));
        }
        return new Entry(stored, config, layers);
    }

    private void ReadNames()
    {
        var file = Path.Combine(_root, ReferencesFile);
        if (!File.Exists(file))
            return;
        StoredReferences? stored;
        try
        {
            stored = JsonSerializer.Deserialize(File.ReadAllBytes(file), StorageJson.Default.StoredReferences);
        }
        catch (JsonException broken)
        {
            throw new StorageException(StorageError.Corrupt, $"cannot read '{file}': {broken.Message}; move it away to start without names", broken);
        }
        foreach (var (text, id) in stored?.Names ?? new Dictionary<string, Digest>())
        {
            if (!ImageReference.TryParseExact(text, out var reference, out _))
                continue;
            var named = new NamedImage(reference, id, stored?.Indexes?.GetValueOrDefault(text) is { } index && _content.Contains(index.Digest) ? index : null);
            if (_images.ContainsKey(id))
            {
                _names[reference.ToString()] = named;
                continue;
            }
            // An image is written before its name and removed after it: this one was lost.
            _lostNames[reference.ToString()] = named;
            _unread.TryAdd(id, $"{NoRecord}, though it has the name '{reference.Familiar}'");
        }

        // With the image that they were about the file may still name those that are gone.
        _attached.AddRange((stored?.Attached ?? []).Where(attached => _content.Contains(attached.Manifest.Digest)));

        // Written before the file spoke of it, or to be removed after it did not any more: the daemon died in between.
        if (stored?.Unnamed is { } unnamed)
        {
            foreach (var id in _images.Keys.Except(unnamed).Except(_names.Values.Select(name => name.Id)).ToList())
            {
                _images.Remove(id);
                DiskRefusal.TryNow(() => File.Delete(FileOf(id)));
            }
        }
    }

    /// <summary>An image with what was read from its blobs.</summary>
    private sealed record Entry(StoredImage Stored, ImageConfig Config, IReadOnlyList<ImageLayer> Layers);
}
