using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Oci.Images;

namespace Sampan.Storage.Snapshots;

/// <summary>The records of layers, and what they say about the disk.</summary>
internal sealed partial class LayerStore
{
    private readonly string _boot;

    // Of another boot, and not known to have been on the disk when that ended.
    private readonly ConcurrentDictionary<Digest, LayerRecord> _doubtful = new();
    private readonly Channel<bool> _unflushed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // One flush at a time: who comes second finds less to do.
    private readonly Lock _flushing = new();

    // Guards records in memory and their files against each other; taken inside of the one above.
    private readonly Lock _recording = new();

    /// <summary>Has something to read when there are layers that <see cref="Flush"/> would put on the disk.</summary>
    internal ChannelReader<bool> Unflushed => _unflushed.Reader;

    /// <summary>Waits until all layers are on the disk, and says so in their records.</summary>
    /// <exception cref="Sampan.Linux.LinuxException">The kernel refused: they stay as they were.</exception>
    internal void Flush()
    {
        lock (_flushing)
        {
            var waiting = _records.Values.Where(layer => layer.Boot is not null).ToList();
            if (waiting.Count == 0)
                return;
            using (var root = DirectoryHandle.Open(_root))
                root.Descriptor.SyncFileSystem();
            foreach (var layer in waiting)
            {
                lock (_recording)
                {
                    // It may be gone by now, or another one.
                    if (Find(layer.ChainId) == layer)
                        Write(layer with { Boot = null }, durable: true);
                }
            }
        }
    }

    /// <summary>Writes the record of a layer once more; nothing happens if it is gone.</summary>
    /// <exception cref="Sampan.Linux.LinuxException">The kernel refused.</exception>
    internal void WriteAgain(Digest chainId)
    {
        lock (_recording)
        {
            if (Find(chainId) is { } layer)
                Write(layer, durable: true);
        }
    }

    /// <summary>True if the files of one of these could be lost with the machine.</summary>
    internal bool IsUnflushed(IEnumerable<Digest> chainIds) => chainIds.Any(chainId => Find(chainId) is { Boot: not null });

    private void Tell() => _unflushed.Writer.TryWrite(true);

    private void Write(LayerRecord layer, bool durable)
    {
        AtomicFile.Write(FileOf(layer), JsonSerializer.SerializeToUtf8Bytes(layer, StorageJson.Default.LayerRecord), durable: durable);
        _records[layer.ChainId] = layer;
        // The new record has the old one's name.
        if (_doubtful.TryRemove(layer.ChainId, out var torn))
            _doomed.Enqueue(torn.Directory);
    }

    private void ForgetDoubtful(IReadOnlySet<Digest> live)
    {
        foreach (var layer in _doubtful.Values.Where(layer => !live.Contains(layer.ChainId)))
        {
            _doubtful.TryRemove(layer.ChainId, out _);
            File.Delete(FileOf(layer));
            _doomed.Enqueue(layer.Directory);
        }
    }

    private void ReadRecords()
    {
        foreach (var file in Directory.EnumerateFiles(_root, "*.json"))
        {
            LayerRecord? record = null;
            try
            {
                record = JsonSerializer.Deserialize(File.ReadAllBytes(file), StorageJson.Default.LayerRecord);
            }
            catch (JsonException)
            {
                // Torn by a power cut, as its directory may be: that becomes a leftover.
            }
            // A number that was given is not given again, whatever became of the directory.
            _lastDirectory = Math.Max(_lastDirectory, record?.Directory ?? 0);
            if (record is { Boot: { } boot } && boot != _boot)
                _doubtful[record.ChainId] = record;
            else if (record is null || !Directory.Exists(DirectoryOf(record)))
                DiskRefusal.TryNow(() => File.Delete(file));
            else
                _records[record.ChainId] = record;
        }
        if (_records.Values.Any(layer => layer.Boot is not null))
            Tell();
    }

    private void RemoveLeftovers()
    {
        var known = _records.Values.Concat(_doubtful.Values).Select(record => record.Directory).ToHashSet();
        foreach (var directory in Directory.EnumerateDirectories(_root))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && !known.Contains(number))
                RemoveDirectory(number);
        }
        AtomicFile.RemoveLeftovers(_root);
    }
}
