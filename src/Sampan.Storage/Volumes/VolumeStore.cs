using System.Security.Cryptography;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Processes;
using Sampan.Storage.Records;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Volumes;

/// <summary>
/// Named volumes: <c>DATA-ROOT/volumes/NAME/_data</c> and, beside it, <c>volume.json</c>.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class VolumeStore
{
    private const UnixFileMode DataMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const string RecordFile = "volume.json";

    private readonly RecordDirectory<VolumeRecord> _records;
    private readonly TimeProvider _time;

    // Guards what follows, and the order of changes on disk.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, VolumeRecord> _volumes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _leased = new(StringComparer.Ordinal);

    private VolumeStore(string dataRoot, TimeProvider time)
    {
        _records = new RecordDirectory<VolumeRecord>(Path.Combine(dataRoot, "volumes"), RecordFile, 1, StorageJson.Default.VolumeRecord);
        _time = time;
    }

    /// <summary>Volumes that cannot be read, with the reason; their data stays.</summary>
    public IReadOnlyList<DamagedRecord> Damaged { get; private set; } = [];

    /// <summary>Opens the store below the data root and makes it if it is not there.</summary>
    public static VolumeStore Open(string dataRoot, TimeProvider time)
    {
        var store = new VolumeStore(dataRoot, time);
        store.Adopt(Path.Combine(dataRoot, "volumes"));
        var scan = store._records.Scan();
        store.Damaged = scan.Damaged;
        foreach (var (name, record) in scan.Records)
        {
            store._volumes[name] = record with { MountPoint = store.DataOf(name) };
            if (!Directory.Exists(store.DataOf(name)))
                MakeData(store.DataOf(name)); // the daemon died before it came to that
        }

        return store;
    }

    /// <summary>All volumes by name.</summary>
    public IReadOnlyList<VolumeRecord> List()
    {
        lock (_gate)
            return [.. _volumes.Values];
    }

    /// <summary>The volume of a name, or null.</summary>
    public VolumeRecord? Find(string name)
    {
        lock (_gate)
            return _volumes.GetValueOrDefault(name);
    }

    /// <summary>Makes a volume; one that is there already is given back as it is, as Docker does.</summary>
    /// <param name="name">Its name, or null for a made-up one.</param>
    /// <param name="labels">Free labels, or null.</param>
    /// <param name="options">Options of the driver; the only driver, <c>local</c>, takes none yet.</param>
    /// <exception cref="StorageException">InvalidInput: a bad name. NotSupported: an option.</exception>
    public VolumeRecord Create(string? name, IReadOnlyDictionary<string, string>? labels = null, IReadOnlyDictionary<string, string>? options = null) =>
        Create(name, labels, options, null);

    private VolumeRecord Create(string? name, IReadOnlyDictionary<string, string>? labels, IReadOnlyDictionary<string, string>? options, Action<string>? making)
    {
        if (options is { Count: > 0 })
            throw new StorageException(StorageError.NotSupported, $"option '{options.Keys.First()}' of a local volume is not supported: mount a host directory into the container instead");
        var isAnonymous = string.IsNullOrEmpty(name);
        var chosen = isAnonymous ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) : name ?? "";
        if (chosen.Length < 2 || !IsName(chosen))
        {
            throw new StorageException(
                StorageError.InvalidInput,
                $"create {chosen}: \"{chosen}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path");
        }
        lock (_gate)
        {
            if (_volumes.TryGetValue(chosen, out var known))
                return known;
            var data = DataOf(chosen);
            if (isAnonymous)
                making?.Invoke(chosen);
            _records.Prepare(chosen);
            FailPoint.Reach("volume-create.directory-made");
            var record = new VolumeRecord
            {
                Name = chosen,
                Created = _time.GetUtcNow(),
                Labels = labels ?? new Dictionary<string, string>(),
                Anonymous = isAnonymous,
                MountPoint = data,
            };
            // The record before the data: a directory with data and no record is somebody's copy, and kept.
            _records.Save(chosen, record, durable: true);
            FailPoint.Reach("volume-create.record-stored");
            MakeData(data);
            return _volumes[chosen] = record;
        }
    }

    /// <summary>Begins to use volumes for something that cannot be found yet: none of them is removed until the lease is disposed.</summary>
    /// <param name="making">Told the name of each anonymous volume just before it is made; null: nobody.</param>
    public VolumeLease Lease(Action<string>? making = null) => new(this, making);

    internal VolumeRecord? Hold(string name)
    {
        lock (_gate)
        {
            if (!_volumes.TryGetValue(name, out var volume))
                return null;
            _leased[name] = _leased.GetValueOrDefault(name) + 1;
            return volume;
        }
    }

    internal VolumeRecord CreateHeld(string? name, IReadOnlyDictionary<string, string>? labels, Action<string>? making)
    {
        lock (_gate)
        {
            var volume = Create(name, labels, null, making);
            _leased[volume.Name] = _leased.GetValueOrDefault(volume.Name) + 1;
            return volume;
        }
    }

    internal void LetGo(IEnumerable<string> names)
    {
        lock (_gate)
        {
            foreach (var name in names)
            {
                if (--_leased[name] == 0)
                    _leased.Remove(name);
            }
        }
    }

    /// <summary>Removes a volume with its data.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="usedBy">A container that uses it, or null.</param>
    /// <exception cref="StorageException">NotFound; InUse: a container uses it.</exception>
    public void Remove(string name, Func<VolumeRecord, string?> usedBy)
    {
        lock (_gate)
        {
            if (!_volumes.TryGetValue(name, out var volume))
                throw new StorageException(StorageError.NotFound, $"get {name}: no such volume");
            if (_leased.ContainsKey(name))
                throw new StorageException(StorageError.InUse, $"remove {name}: volume is in use - a container that mounts it is just being created");
            if (usedBy(volume) is { } containerId)
                throw new StorageException(StorageError.InUse, $"remove {name}: volume is in use - [{containerId}]");
            _records.Remove(name);
            FailPoint.Reach("volume-remove.removed");
            _volumes.Remove(name);
        }
    }

    /// <summary>Gives a volume's directory another owner.</summary>
    /// <param name="directory">Where its data is.</param>
    /// <param name="uid">Owner.</param>
    /// <param name="gid">Group.</param>
    /// <exception cref="StorageException">Refused: the kernel does not allow it.</exception>
    public static void SetOwner(string directory, uint uid, uint gid)
    {
        try
        {
            using var data = DirectoryHandle.Open(directory);
            data.Descriptor.SetOwner(uid, gid);
        }
        catch (LinuxException refused)
        {
            throw new StorageException(StorageError.Refused, $"cannot give volume directory '{directory}' to {uid}:{gid}: {refused.Message}", refused);
        }
    }

    /// <summary>Bytes that the files of a volume hold.</summary>
    /// <exception cref="StorageException">NotFound.</exception>
    public long Usage(string name) =>
        TreeUsage.Of((Find(name) ?? throw new StorageException(StorageError.NotFound, $"get {name}: no such volume")).MountPoint);

    // Data is never thrown away because a file beside it is missing: somebody may have copied it here.
    private void Adopt(string root)
    {
        foreach (var directory in Directory.EnumerateDirectories(root))
        {
            var name = Path.GetFileName(directory);
            if (IsName(name) && Directory.Exists(DataOf(name)) && !File.Exists(Path.Combine(directory, RecordFile)))
                _records.Save(name, new VolumeRecord { Name = name, Created = _time.GetUtcNow() }, durable: true);
        }
    }

    private static void MakeData(string data)
    {
        Directory.CreateDirectory(data, DataMode);
        File.SetUnixFileMode(data, DataMode);
    }

    private string DataOf(string name) => Path.Combine(_records.DirectoryOf(name), "_data");

    private static bool IsName(string name) =>
        name.Length <= 200 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
