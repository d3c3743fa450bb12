using System.Security.Cryptography;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;
using Sampan.Storage.Plugins;
using Sampan.Storage.Records;
using Sampan.Storage.Snapshots;
using Sampan.Storage.Volumes.Plugins;

namespace Sampan.Storage.Volumes;

/// <summary>
/// Named volumes: <c>DATA-ROOT/volumes/NAME/_data</c> and, beside it, <c>volume.json</c>.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed partial class VolumeStore : IDisposable
{
    private const UnixFileMode DataMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const string RecordFile = "volume.json";
    private const uint FirstProject = 0x53000000;

    private readonly RecordDirectory<VolumeRecord> _records;
    private readonly TimeProvider _time;

    // Guards what follows, and the order of changes on disk.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, VolumeRecord> _volumes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _leased = new(StringComparer.Ordinal);

    /// <summary>The managed plugins, whatever they do: volumes come from some.</summary>
    public ManagedPlugins Managed { get; }

    private VolumeStore(string dataRoot, TimeProvider time, VolumePluginOptions plugins)
    {
        Managed = plugins.Managed;
        _plugins = new VolumePlugins(plugins);
        _records = new RecordDirectory<VolumeRecord>(Path.Combine(dataRoot, "volumes"), RecordFile, 1, StorageJson.Default.VolumeRecord);
        _time = time;
    }

    /// <summary>Volumes that cannot be read, with the reason; their data stays.</summary>
    public IReadOnlyList<DamagedRecord> Damaged { get; private set; } = [];

    /// <summary>Opens the store below the data root and makes it if it is not there.</summary>
    /// <param name="dataRoot">The engine's data root.</param>
    /// <param name="time">The clock.</param>
    /// <param name="plugins">Where volume plugins are; null: where Docker's are.</param>
    public static VolumeStore Open(string dataRoot, TimeProvider time, VolumePluginOptions? plugins = null)
    {
        var store = new VolumeStore(dataRoot, time, plugins ?? new VolumePluginOptions());
        RemoveUnfinished(Path.Combine(dataRoot, "volumes"));
        store.Adopt(Path.Combine(dataRoot, "volumes"));
        var scan = store._records.Scan();
        store.Damaged = scan.Damaged;
        foreach (var (name, record) in scan.Records)
            store.Enter(name, record);
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

    /// <summary>Makes a volume of the local driver; one that is there already is given back as it is, as Docker does.</summary>
    /// <param name="name">Its name, or null for a made-up one.</param>
    /// <param name="labels">Free labels, or null.</param>
    /// <param name="options">Options of the driver, or null.</param>
    /// <exception cref="StorageException">InvalidInput: a bad name or option. NotSupported: a size, where the file system has no project quotas.</exception>
    public VolumeRecord Create(string? name, IReadOnlyDictionary<string, string>? labels = null, IReadOnlyDictionary<string, string>? options = null) =>
        Create(name, labels, options, null);

    private VolumeRecord Create(string? name, IReadOnlyDictionary<string, string>? labels, IReadOnlyDictionary<string, string>? options, VolumeMaker? maker)
    {
        var isAnonymous = string.IsNullOrEmpty(name);
        var chosen = isAnonymous ? NewName() : CheckName(name ?? "");
        var wanted = LocalVolumeOptions.Parse(options ?? new Dictionary<string, string>(), $"create {chosen}: ");
        lock (_gate)
        {
            if (_volumes.TryGetValue(chosen, out var known))
                return ForAll(known, maker?.For);
            maker?.Making(chosen);
            RequireFree(chosen);
            var record = new VolumeRecord
            {
                Name = chosen,
                Created = _time.GetUtcNow(),
                Labels = labels ?? new Dictionary<string, string>(),
                Options = options ?? new Dictionary<string, string>(),
                Anonymous = isAnonymous,
                MadeFor = isAnonymous ? null : maker?.For,
                MountPoint = DataOf(chosen),
            };
            if (wanted.Size is not null)
                record = record with { Project = NextProject() };
            try
            {
                _records.Prepare(chosen);
                FailPoint.Reach("volume-create.directory-made");
                // The record before the data: a directory with data and no record is somebody's copy, and kept.
                _records.Save(chosen, record, durable: true);
                FailPoint.Reach("volume-create.record-stored");
                MakeData(record);
                FailPoint.Reach("volume-create.data-made");
            }
            catch (Exception failure)
            {
                _records.Remove(chosen);
                if (failure is LinuxException or IOException)
                    throw new StorageException(StorageError.Refused, $"cannot create volume '{chosen}': {failure.Message}", failure);
                throw;
            }

            return _volumes[chosen] = record;
        }
    }

    private void MakeData(VolumeRecord record)
    {
        var wanted = LocalVolumeOptions.Parse(record.Options);
        Directory.CreateDirectory(record.MountPoint, DataMode);
        using var data = DirectoryHandle.Open(record.MountPoint);
        if (wanted.Uid is not null || wanted.Gid is not null)
            data.Descriptor.SetOwner(wanted.Uid ?? 0, wanted.Gid ?? 0);
        data.Descriptor.SetMode(wanted.Mode ?? DataMode);
        if (wanted.Size is not { } size || record.Project is not { } project)
            return;
        try
        {
            ProjectQuota.Set(data.Descriptor, project, size);
        }
        catch (LinuxException refused)
        {
            throw new StorageException(StorageError.NotSupported, $"option 'size' of volume '{record.Name}' is not supported: the file system of the data root has no project quotas (ext4 or xfs mounted with prjquota has): {refused.Errno}", refused);
        }
    }

    // Above what people number by hand in /etc/projid.
    private uint NextProject() => _volumes.Values.Select(volume => volume.Project ?? 0).Append(FirstProject).Max() + 1;

    private void Enter(string name, VolumeRecord record)
    {
        if (record.Driver is not null)
        {
            _volumes[name] = record;
            return;
        }

        record = record with { MountPoint = DataOf(name) };
        if (!Directory.Exists(record.MountPoint))
        {
            // The daemon died before it came to that.
            try
            {
                MakeData(record);
            }
            catch (Exception refused) when (refused is StorageException or LinuxException or IOException)
            {
                // Nor does it come to it now. Nobody was told that there is such a volume, and it holds nothing.
                _records.Remove(name);
                return;
            }
        }

        _volumes[name] = record;
    }

    /// <summary>Begins to use volumes for something that cannot be found yet: none of them is removed until the lease is disposed.</summary>
    /// <param name="maker">For whom those are made that are not there; null: for nobody in particular.</param>
    public VolumeLease Lease(VolumeMaker? maker = null) => new(this, maker);

    internal VolumeRecord? Hold(string name, string? holder)
    {
        lock (_gate)
        {
            if (!_volumes.TryGetValue(name, out var volume))
                return null;
            _leased[name] = _leased.GetValueOrDefault(name) + 1;
            return ForAll(volume, holder);
        }
    }

    private VolumeRecord? Want(string name, string? holder)
    {
        lock (_gate)
            return _volumes.TryGetValue(name, out var volume) ? ForAll(volume, holder) : null;
    }

    // Another one wants it: it no longer goes with whom it was made for.
    private VolumeRecord ForAll(VolumeRecord volume, string? holder)
    {
        if (volume.MadeFor is null || volume.MadeFor == holder)
            return volume;
        volume = volume with { MadeFor = null };
        _records.Save(volume.Name, volume, durable: true);
        return _volumes[volume.Name] = volume;
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
    /// <exception cref="StorageException">NotFound; InUse: a container uses it. Refused: what is mounted for it does not go.</exception>
    public void Remove(string name, Func<VolumeRecord, string?> usedBy)
    {
        lock (_gate)
        {
            var volume = RequireUnused(name, usedBy);
            // What a crash left mounted is another's data: it must be off before anything below the directory is removed.
            if (volume.NeedsMount && volume.Driver is null)
                LocalVolumeMount.Unmount(volume.MountPoint);
            if (volume.Project is { } project)
                ProjectQuota.Clear(volume.MountPoint, project);
            _records.Remove(name);
            FailPoint.Reach("volume-remove.removed");
            _volumes.Remove(name);
        }
    }

    private VolumeRecord RequireUnused(string name, Func<VolumeRecord, string?> usedBy)
    {
        if (!_volumes.TryGetValue(name, out var volume))
            throw NoSuchVolume(name);
        if (_leased.ContainsKey(name))
            throw new StorageException(StorageError.InUse, $"remove {name}: volume is in use - a container that mounts it is just being created, or it is being copied");
        if (usedBy(volume) is { } containerId)
            throw new StorageException(StorageError.InUse, $"remove {name}: volume is in use - [{containerId}]");
        return volume;
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

    /// <summary>Gives a volume's directory the owner and permissions again that its options name, if they name any.</summary>
    /// <param name="name">Which.</param>
    public void RestoreOwner(string name)
    {
        if (Find(name) is not { Driver: null } volume || !volume.Options.Keys.Any(key => key is "uid" or "gid" or "mode"))
            return;
        var wanted = LocalVolumeOptions.Parse(volume.Options);
        using var data = DirectoryHandle.Open(volume.MountPoint);
        if (wanted.Uid is not null || wanted.Gid is not null)
        {
            var now = FileStatus.Of(data.Descriptor);
            data.Descriptor.SetOwner(wanted.Uid ?? now.Uid, wanted.Gid ?? now.Gid);
        }
        if (wanted.Mode is { } mode)
            data.Descriptor.SetMode(mode);
    }

    /// <summary>Bytes that the files of a volume hold.</summary>
    /// <exception cref="StorageException">NotFound.</exception>
    public long Usage(string name) =>
        TreeUsage.Of((Find(name) ?? throw NoSuchVolume(name)).MountPoint);

    // Data is never thrown away because a file beside it is missing: somebody may have copied it here.
    private void Adopt(string root)
    {
        foreach (var directory in Directory.EnumerateDirectories(root))
        {
            var name = Path.GetFileName(directory);
            if (IsName(name) && Directory.Exists(DataOf(name)) && !File.Exists(Path.Combine(directory, RecordFile)))
                DiskRefusal.TryNow(() => _records.Save(name, new VolumeRecord { Name = name, Created = _time.GetUtcNow() }, durable: true));
        }
    }

    private string DataOf(string name) => Path.Combine(_records.DirectoryOf(name), "_data");

    private static StorageException NoSuchVolume(string name) => new(StorageError.NotFound, $"get {name}: no such volume");

    private static string NewName() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private static string CheckName(string name) => name.Length >= 2 && IsName(name) ? name : throw new StorageException(
        StorageError.InvalidInput,
        name.Length < 2 ? $"create {name}: volume name is too short, names should be at least two alphanumeric characters" : $"create {name}: \"{name}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path");

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 200 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
