using Sampan.Oci.Images;
using Sampan.Storage.Records;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// Which snapshots there are and which layers they need, whatever snapshotter made them: <c>DATA-ROOT/snapshots/KEY/snapshot.json</c>.
/// </summary>
internal sealed class SnapshotRecords
{
    private readonly RecordDirectory<SnapshotRecord> _records;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SnapshotRecord> _snapshots = new(StringComparer.Ordinal);

    // Of snapshots that are being made.
    private readonly List<IReadOnlyList<Digest>> _expected = [];

    internal SnapshotRecords(string dataRoot, RemovedTrees? removed)
    {
        _records = new RecordDirectory<SnapshotRecord>(Path.Combine(dataRoot, "snapshots"), "snapshot.json", 1, StorageJson.Default.SnapshotRecord, removed);
        foreach (var (key, record) in _records.Scan().Records)
            _snapshots[key] = record;
    }

    internal IReadOnlyList<string> Keys(string driver)
    {
        lock (_gate)
            return [.. _snapshots.Where(snapshot => snapshot.Value.Driver == driver).Select(snapshot => snapshot.Key)];
    }

    internal IReadOnlyList<Digest> LiveLayers()
    {
        lock (_gate)
            return [.. _snapshots.Values.SelectMany(snapshot => snapshot.Layers).Concat(_expected.SelectMany(layers => layers)).Distinct()];
    }

    /// <summary>A snapshot that will need these layers is being made: they live.</summary>
    internal void Expect(IReadOnlyList<Digest> layers)
    {
        lock (_gate)
            _expected.Add(layers);
    }

    /// <summary>It is made, or will not be.</summary>
    internal void ExpectNoMore(IReadOnlyList<Digest> layers)
    {
        lock (_gate)
            _expected.RemoveAt(_expected.FindIndex(expected => ReferenceEquals(expected, layers)));
    }

    internal IReadOnlyList<(string Key, SnapshotRecord Record)> All()
    {
        lock (_gate)
            return [.. _snapshots.Select(snapshot => (snapshot.Key, snapshot.Value))];
    }

    internal SnapshotRecord? Find(string key)
    {
        lock (_gate)
            return _snapshots.GetValueOrDefault(key);
    }

    // Above those of volumes.
    private const uint FirstProject = 0x54000000;
    private uint _lastProject;

    /// <summary>A number for the kernel's count of a snapshot's bytes, nobody else's.</summary>
    internal uint NextProject()
    {
        lock (_gate)
            return _lastProject = _snapshots.Values.Select(snapshot => snapshot.Project ?? 0).Append(FirstProject).Append(_lastProject).Max() + 1;
    }

    internal string DirectoryOf(string key) => _records.DirectoryOf(key);

    internal string Prepare(string key) => _records.Prepare(key);

    internal void MakeAhead(string key, params string[] below) => _records.MakeAhead(key, below);

    internal void Flush(string key) => _records.Flush(key);

    internal void DropAhead(string key) => _records.DropAhead(key);

    // Not flushed: nobody waits for what is flushed soon after (Flush).
    internal void Save(string key, SnapshotRecord record)
    {
        _records.Save(key, record, durable: false);
        lock (_gate)
            _snapshots[key] = record;
    }

    internal void Remove(string key)
    {
        _records.Remove(key);
        lock (_gate)
            _snapshots.Remove(key);
    }
}
