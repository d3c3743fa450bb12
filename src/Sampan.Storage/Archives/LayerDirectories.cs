using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Archives;

/// <summary>
/// The directories of a layer that is being unpacked, a few of them kept open: entries come directory by directory. Parents that the archive
/// leaves out are made, and remembered, for they should look as they do in the layers below.
/// </summary>
internal sealed class LayerDirectories(DirectoryHandle root, WhiteoutStyle style) : IDisposable
{
    private const int MaxOpen = 64;
    private const UnixFileMode ImplicitMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly Dictionary<string, DirectoryHandle> _open = new(StringComparer.Ordinal);

    /// <summary>Full paths of the directories that no entry described.</summary>
    internal HashSet<string> Implicit { get; } = new(StringComparer.Ordinal);

    /// <summary>The directory at a clean path, made with its parents if it is not there. Belongs to this object and may be closed by the next call.</summary>
    /// <exception cref="StorageException">InvalidInput: a part of the path is there and no directory.</exception>
    internal DirectoryHandle Open(string path)
    {
        if (path.Length == 0)
            return root;
        if (_open.TryGetValue(path, out var open))
            return open;
        var directory = root.TryResolve(RawName.ToBytes(path), out var errno);
        if (directory is null)
        {
            if (errno is not (Errno.ENOENT or Errno.ENOTDIR))
                throw new LinuxException("open directory", errno, RawName.Show(path));
            directory = Create(LayerPath.Cut(path));
        }
        if (_open.Count >= MaxOpen)
            Clear();
        _open.Add(path, directory);
        return directory;
    }

    /// <summary>Closes what is kept open, all but <paramref name="except"/>: a directory is about to be removed or a link replaced.</summary>
    internal void Forget(DirectoryHandle except)
    {
        foreach (var (path, directory) in _open.ToArray())
        {
            if (ReferenceEquals(directory, except))
                continue;
            directory.Dispose();
            _open.Remove(path);
        }
    }

    public void Dispose() => Clear();

    private void Clear()
    {
        foreach (var directory in _open.Values)
            directory.Dispose();
        _open.Clear();
    }

    private DirectoryHandle Create(LayerPath path)
    {
        var parent = Open(path.Parent);
        var name = RawName.ToBytes(path.Name);
        var replacesWhiteout = false;
        if (parent.TryStat(name, out var status))
        {
            replacesWhiteout = status.IsWhiteout();
            if (!replacesWhiteout)
                throw new StorageException(StorageError.InvalidInput, $"'{RawName.Show(path.Full)}' in the archive is used as a directory but is none");
            parent.RemoveTree(name);
        }
        parent.CreateDirectory(name, ImplicitMode);
        var directory = parent.OpenDirectory(name);
        directory.Descriptor.SetMode(ImplicitMode);
        if (replacesWhiteout)
            directory.SetOpaque(style);
        Implicit.Add(path.Full);
        return directory;
    }
}
