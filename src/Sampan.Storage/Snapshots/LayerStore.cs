using System.Collections.Concurrent;
using System.Globalization;
using Sampan.Linux.Files;
using Sampan.Linux.Processes;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// Unpacked layers in overlayfs' layout, by chain identity.
/// <code>
/// DATA-ROOT/layers/12/              the layer's root directory
/// DATA-ROOT/layers/HEX.json         which layer that is; without it directory 12 is a leftover and goes when the store is opened
/// </code>
/// </summary>
/// <remarks>
/// Thread-safe. Nobody waits for a layer's files to be on the disk: they can be made again of its blob, which is. Until <see cref="Flush"/>
/// the record names the boot of the machine in which they were written; in another boot they are doubtful, are found by nobody, and go
/// when the layer was unpacked again (docs/adr/0011).
/// </remarks>
internal sealed partial class LayerStore
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode RootMode = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string _root;
    private readonly ArchiveLimits _limits;
    private readonly ConcurrentDictionary<Digest, LayerRecord> _records = new();
    private readonly ConcurrentQueue<int> _doomed = new();
    private readonly SemaphoreSlim _unpacking = new(1, 1);
    private int _lastDirectory;

    private LayerStore(string root, ArchiveLimits limits, WhiteoutStyle style, string boot)
    {
        _root = root;
        _boot = boot;
        _limits = limits;
        Style = style;
    }

    /// <summary>How the layers mark what they hide: by what their file system can store.</summary>
    internal WhiteoutStyle Style { get; }

    /// <summary>Opens the layers below <paramref name="dataRoot"/>.</summary>
    /// <param name="dataRoot">The daemon's data root.</param>
    /// <param name="limits">How much an archive may ask for.</param>
    /// <param name="boot">The machine's present boot, see <see cref="Sampan.Storage.Records.MachineBoot"/>.</param>
    internal static LayerStore Open(string dataRoot, ArchiveLimits limits, string boot)
    {
        var root = Path.Combine(dataRoot, "layers");
        Directory.CreateDirectory(root, OwnerOnly);
        var store = new LayerStore(root, limits, StyleFor(root), boot);
        store.ReadRecords();
        DiskRefusal.TryNow(store.RemoveLeftovers);
        return store;
    }

    internal LayerRecord? Find(Digest chainId) => _records.GetValueOrDefault(chainId);

    internal IReadOnlyCollection<LayerRecord> List() => [.. _records.Values];

    internal string DirectoryOf(LayerRecord layer) => Path.Combine(_root, layer.Directory.ToString(CultureInfo.InvariantCulture));

    /// <summary>The file that says which layer it is.</summary>
    internal string RecordOf(LayerRecord layer) => FileOf(layer);

    /// <summary>Unpacks a layer once more beside what is there of it, to be compared with that, and to take its place by <see cref="Replace"/> or go by <see cref="Discard(LayerRecord)"/>.</summary>
    /// <exception cref="StorageException">The blob is damaged.</exception>
    internal LayerRecord UnpackBeside(LayerSource source, IReadOnlyList<Digest> below, CancellationToken ct)
    {
        var (record, unpacked) = Unpack(source, ct);
        try
        {
            if (below.Count > 0 && !record.OpaqueRoot && unpacked.ImplicitDirectories.Count > 0)
                ImplicitDirectories.Dress(DirectoryOf(record), unpacked.ImplicitDirectories, Stack(below), Style);
            return record;
        }
        catch
        {
            Discard(record);
            throw;
        }
    }

    /// <summary>Puts a newly unpacked directory in the place of a layer's old one, which goes.</summary>
    internal void Replace(LayerRecord fresh)
    {
        using (var root = DirectoryHandle.Open(DirectoryOf(fresh)))
            root.Descriptor.SyncFileSystem();
        LayerRecord? old;
        lock (_recording)
        {
            old = Find(fresh.ChainId);
            Write(fresh, durable: true);
        }
        if (old is not null)
            RemoveDirectory(old.Directory);
    }

    /// <summary>Removes a directory that <see cref="UnpackBeside"/> or <see cref="Unpack(LayerSource, CancellationToken)"/> made.</summary>
    internal void Discard(LayerRecord fresh) => RemoveDirectory(fresh.Directory);

    /// <summary>The directories of an image's layers, topmost first, as overlayfs wants its lower directories; not those that an opaque root hides.</summary>
    /// <exception cref="StorageException">Corrupt: a layer is not there.</exception>
    internal IReadOnlyList<string> Stack(IReadOnlyList<Digest> chainIds)
    {
        var directories = new List<string>(chainIds.Count);
        foreach (var chainId in chainIds.Reverse())
        {
            var layer = Find(chainId) ?? throw new StorageException(StorageError.Corrupt, $"layer '{chainId}' is missing: remove the image and load it again");
            directories.Add(DirectoryOf(layer));
            if (layer.OpaqueRoot)
                break;
        }
        return directories;
    }

    /// <summary>
    /// Unpacks those of an image's layers that are not there yet, several at a time, and returns the records of all, lowest first.
    /// Either all new layers are kept or none.
    /// </summary>
    /// <param name="layers">All layers of the image, lowest first.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="ahead">What was unpacked already; null: nothing.</param>
    /// <exception cref="StorageException">A layer is damaged or hostile, or its digest is wrong.</exception>
    internal async Task<IReadOnlyList<LayerRecord>> EnsureAsync(IReadOnlyList<LayerSource> layers, CancellationToken ct, LayersAhead? ahead = null)
    {
        // One image at a time: it uses all processors anyway, and two that share layers need not know of each other.
        await _unpacking.WaitAsync(ct);
        var unpacked = new ConcurrentDictionary<Digest, (LayerRecord Record, UnpackedLayer Layer)>();
        try
        {
            var missing = layers.Where(layer => Find(layer.ChainId) is null).ToList();
            var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 1, 4), CancellationToken = ct };
            await Parallel.ForEachAsync(missing, options, (layer, token) =>
            {
                unpacked[layer.ChainId] = ahead is not null && ahead.TryTake(layer.ChainId, out var ready) ? ready : Unpack(layer, token);
                return ValueTask.CompletedTask;
            });
            Complete(layers, unpacked);
            return [.. layers.Select(layer => _records[layer.ChainId])];
        }
        catch
        {
            foreach (var (record, _) in unpacked.Values)
                Forget(record);
            Sweep();
            throw;
        }
        finally
        {
            _unpacking.Release();
        }
    }

    /// <summary>Forgets all layers but the <paramref name="live"/> ones and returns them; <see cref="Sweep"/> removes their files.</summary>
    internal IReadOnlyList<LayerRecord> Collect(IReadOnlySet<Digest> live)
    {
        var dead = _records.Values.Where(layer => !live.Contains(layer.ChainId)).ToList();
        dead.ForEach(Forget);
        ForgetDoubtful(live);
        return dead;
    }

    /// <summary>Removes the files of forgotten layers: thousands of them may take seconds, so nobody holds a gate meanwhile.</summary>
    internal void Sweep()
    {
        while (_doomed.TryDequeue(out var number))
            RemoveDirectory(number);
    }

    // overlayfs refuses devices 0:0 and its own attributes from above, for it could not tell them from its own.
    private static WhiteoutStyle StyleFor(string root)
    {
        using var directory = DirectoryHandle.Open(root);
        return directory.Descriptor.FileSystemMagic() == SnapshotterChoice.Overlay ? WhiteoutStyle.Files : WhiteoutStyle.Kernel;
    }

    /// <summary>Unpacks a layer into a directory that nothing refers to.</summary>
    /// <exception cref="StorageException">It is damaged or hostile, or its digest is wrong.</exception>
    internal (LayerRecord Record, UnpackedLayer Layer) Unpack(LayerSource source, CancellationToken ct)
    {
        var tree = Unpack(() => (source.OpenTar(), source.IsVerified), ct);
        if (tree.DiffId is { } digest && digest != source.DiffId)
        {
            Discard(tree);
            throw new StorageException(StorageError.Corrupt, $"wrong digest: a layer's content is '{digest}', the image's configuration wants '{source.DiffId}'; get the image again");
        }
        return (tree.ToRecord(source.DiffId, source.ChainId), tree.Layer);
    }

    /// <summary>Unpacks a layer of which nothing is known yet into a directory that nothing refers to.</summary>
    /// <param name="open">Opens its tar, and tells whether somebody else takes its digest.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StorageException">It is damaged or hostile.</exception>
    internal UnpackedTree Unpack(Func<(Stream Tar, bool IsVerified)> open, CancellationToken ct) => Fill(root =>
    {
        var (tar, isVerified) = open();
        using var source = tar;
        // Inflating costs as much as hashing and writing together: each has a thread. What is verified was never packed.
        using var ahead = isVerified ? null : new AheadStream(source);
        using var hashing = ahead is null ? null : new HashingStream(ahead, _limits.MaxLayerBytes);
        using var unpacker = new LayerUnpacker(root, _limits, Style);
        var layer = unpacker.Unpack(hashing ?? source, ct);
        return (layer, hashing?.Finish());
    });

    /// <summary>Makes a layer's files in a directory that nothing refers to.</summary>
    /// <param name="fill">Makes them, and tells their digest if it takes it.</param>
    /// <exception cref="StorageException">Refused: the disk has no room, or is read-only.</exception>
    internal UnpackedTree Fill(Func<DirectoryHandle, (UnpackedLayer Layer, Digest? DiffId)> fill)
    {
        var number = Interlocked.Increment(ref _lastDirectory);
        var directory = Path.Combine(_root, number.ToString(CultureInfo.InvariantCulture));
        try
        {
            Directory.CreateDirectory(directory);
            // The umask must not narrow the container's root directory.
            File.SetUnixFileMode(directory, RootMode);
            FailPoint.Reach("layer.directory-made");
            using var root = DirectoryHandle.Open(directory);
            var (layer, diffId) = fill(root);
            FailPoint.Reach("layer.filled");
            return new UnpackedTree(number, layer, diffId);
        }
        catch (Exception failure)
        {
            DiskRefusal.TryNow(() => RemoveDirectory(number));
            if (DiskRefusal.Is(failure))
                throw DiskRefusal.Of(failure);
            throw;
        }
    }

    /// <summary>Removes what <see cref="Unpack(Func{ValueTuple{Stream, bool}}, CancellationToken)"/> made.</summary>
    internal void Discard(UnpackedTree tree) => RemoveDirectory(tree.Directory);

    // From the lowest up: the directories that a layer's archive left out get the looks of those below.
    private void Complete(IReadOnlyList<LayerSource> layers, ConcurrentDictionary<Digest, (LayerRecord Record, UnpackedLayer Layer)> unpacked)
    {
        for (var i = 0; i < layers.Count; i++)
        {
            if (!unpacked.TryGetValue(layers[i].ChainId, out var done))
                continue;
            var below = layers.Take(i).Select(layer => layer.ChainId).ToList();
            if (below.Count > 0 && !done.Record.OpaqueRoot && done.Layer.ImplicitDirectories.Count > 0)
                ImplicitDirectories.Dress(DirectoryOf(done.Record), done.Layer.ImplicitDirectories, Stack(below), Style);
            lock (_recording)
                Write(done.Record with { Boot = _boot }, durable: false);
            Tell();
        }
    }

    private void Forget(LayerRecord layer)
    {
        // The record first: without it the directory is a leftover, whatever happens now.
        lock (_recording)
        {
            _records.TryRemove(layer.ChainId, out _);
            File.Delete(FileOf(layer));
            FailPoint.Changed("removed", FileOf(layer));
        }
        _doomed.Enqueue(layer.Directory);
    }

    private void RemoveDirectory(int number)
    {
        using var root = DirectoryHandle.Open(_root);
        root.RemoveTree(System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
    }

    private string FileOf(LayerRecord layer) => Path.Combine(_root, layer.ChainId.Hex + ".json");
}
