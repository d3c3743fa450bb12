using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Processes;
using Sampan.Storage.Archives;
using Sampan.Storage.Records;
using Sampan.Storage.Trees;

namespace Sampan.Storage.Volumes;

/// <content>
/// Volumes made of others and of archives. Each is made under a name that nobody finds, synced, and renamed: after a crash there is a whole volume
/// or none.
/// </content>
public sealed partial class VolumeStore
{
    // What a crash left half made begins so; no volume's name can.
    private const string UnfinishedPrefix = ".making-";

    /// <summary>Makes a volume with a copy of what is in a directory.</summary>
    /// <param name="name">Its name; null: one is made up.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="readOnly">It is a snapshot.</param>
    /// <param name="directory">What is copied: another volume's directory.</param>
    /// <param name="ct">Gives up; nothing is left then.</param>
    /// <exception cref="StorageException">InvalidInput: a bad name. Conflict: it is taken. Refused: the disk took no more.</exception>
    public VolumeRecord Clone(string? name, IReadOnlyDictionary<string, string> labels, bool readOnly, string directory, CancellationToken ct) => Make(name, labels, readOnly, target =>
    {
        using var source = DirectoryHandle.Open(directory);
        using var into = DirectoryHandle.Open(target);
        new TreeCopy(into, ct) { KeepsOverlayAttributes = true }.Copy(source);
    });

    /// <summary>Makes a volume of a tar, plain or compressed.</summary>
    /// <param name="name">Its name; null: one is made up.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="tar">The archive.</param>
    /// <param name="ct">Gives up; nothing is left then.</param>
    /// <exception cref="StorageException">InvalidInput: a bad name, or the archive. Corrupt: the archive. Conflict: the name is taken. Refused: the disk took no more.</exception>
    public VolumeRecord Import(string? name, IReadOnlyDictionary<string, string> labels, Stream tar, CancellationToken ct) => Make(name, labels, readOnly: false, target =>
    {
        using var tree = ContainerTree.Of(DirectoryHandle.Open(target), []);
        tree.Extract("/", tar, new ExtractOptions { WithTop = true }, ct);
    });

    /// <summary>Writes what is in a directory as a tar, holes left out.</summary>
    /// <param name="directory">A volume's directory.</param>
    /// <param name="output">Gets the tar.</param>
    /// <param name="ct">Gives up.</param>
    public static void Export(string directory, Stream output, CancellationToken ct)
    {
        using var root = DirectoryHandle.Open(directory);
        var tar = new TarWriter(output);
        var tree = new TreeWriter(tar, ct) { KeepsHoles = true };
        tree.WriteDirectory(root, ".");
        tree.WriteContent(root, "./");
        tar.End();
    }

    private VolumeRecord Make(string? name, IReadOnlyDictionary<string, string> labels, bool readOnly, Action<string> fill)
    {
        var chosen = string.IsNullOrEmpty(name) ? NewName() : CheckName(name);
        lock (_gate)
        {
            if (_volumes.ContainsKey(chosen))
                throw new StorageException(StorageError.Conflict, $"create {chosen}: a volume of that name exists already");
            RequireFree(chosen);
            _reserved.Add(chosen);
        }
        var root = Path.GetDirectoryName(_records.DirectoryOf(chosen)) ?? "/";
        var making = Path.Combine(root, $"{UnfinishedPrefix}{chosen}-{Guid.NewGuid():n}");
        try
        {
            Directory.CreateDirectory(making, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var data = Path.Combine(making, "_data");
            Directory.CreateDirectory(data, DataMode);
            File.SetUnixFileMode(data, DataMode);
            fill(data);
            FailPoint.Reach("volume-copy.filled");
            var record = new VolumeRecord { Name = chosen, Created = _time.GetUtcNow(), Labels = labels, ReadOnly = readOnly, Anonymous = string.IsNullOrEmpty(name), MountPoint = DataOf(chosen) };
            _records.SaveIn(making, record);
            FailPoint.Reach("volume-copy.record-stored");
            using (var made = DirectoryHandle.Open(making))
                made.Descriptor.SyncFileSystem();
            lock (_gate)
            {
                Directory.Move(making, _records.DirectoryOf(chosen));
                FailPoint.Reach("volume-copy.named");
                using (var parent = DirectoryHandle.Open(root))
                    parent.Descriptor.Sync();
                return _volumes[chosen] = record;
            }
        }
        catch (Exception failure)
        {
            if (Directory.Exists(making))
                RemovedTrees.Empty(making);
            if (failure is LinuxException refused)
                throw new StorageException(StorageError.Refused, $"cannot make volume '{chosen}': {refused.Message}", refused);
            throw;
        }
        finally
        {
            lock (_gate)
                _reserved.Remove(chosen);
        }
    }

    private static void RemoveUnfinished(string root)
    {
        foreach (var directory in Directory.EnumerateDirectories(root, UnfinishedPrefix + "*"))
            DiskRefusal.TryNow(() => RemovedTrees.Empty(directory));
    }
}
