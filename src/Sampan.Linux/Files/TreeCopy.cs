using Sampan.Linux.Io;

namespace Sampan.Linux.Files;

/// <summary>
/// Copies a tree as it is: owners, permissions, times to the nanosecond, extended attributes, devices, hard links among what is copied, holes;
/// blocks are shared where the file system can. By open directories and plain names, so that nothing that changes meanwhile leads elsewhere;
/// symbolic links are copied, never followed, and what vanishes meanwhile is left out.
/// </summary>
/// <param name="targetRoot">The directory that gets the copies; it has none of their names.</param>
/// <param name="ct">Gives up; what was copied by then stays.</param>
public sealed class TreeCopy(DirectoryHandle targetRoot, CancellationToken ct)
{
    // Each level holds two descriptors: a deeper tree was made to exhaust them, or the stack.
    private const int MaxDepth = 1024;

    // Where a file with several names was copied to first. By path: kept open they could be more than there are descriptors.
    private readonly Dictionary<(DeviceNumber, ulong), (byte[][] Path, byte[] Name)> _linked = [];

    /// <summary>Who has in the copy what an owner has in the original; null: the same.</summary>
    public Func<(uint Uid, uint Gid), (uint Uid, uint Gid)>? Owners { get; init; }

    /// <summary>True to copy <see cref="OverlayAttributes"/> as well: a volume may hold layers of an engine inside of a container.</summary>
    public bool KeepsOverlayAttributes { get; init; }

    /// <summary>Copies all that is in a directory, and what the directory has itself.</summary>
    /// <exception cref="LinuxException">The kernel refused: no room, say.</exception>
    public void Copy(ITreeSource source)
    {
        CopyContent(source, targetRoot, []);
        Dress(source, targetRoot);
    }

    /// <summary>Gives one directory what another has itself: owner, permissions, times, extended attributes but overlayfs' own.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void CopyMetadata(DirectoryHandle source, DirectoryHandle target) => new TreeCopy(target, CancellationToken.None).Dress(source, target);

    private void CopyContent(ITreeSource source, DirectoryHandle target, byte[][] path)
    {
        if (path.Length > MaxDepth)
            throw new LinuxException("copy, as it is too deep,", Errno.ELOOP, string.Join('/', path.Select(part => System.Text.Encoding.UTF8.GetString(part))));
        foreach (var entry in source.Entries())
        {
            ct.ThrowIfCancellationRequested();
            CopyEntry(source, entry, target, path);
        }
    }

    private void CopyEntry(ITreeSource source, TreeEntry entry, DirectoryHandle target, byte[][] path)
    {
        var (name, status, holder) = entry;
        if (status.Kind != FileKind.Directory && status.LinkCount > 1 && _linked.TryGetValue((status.FileSystem, status.Inode), out var first))
        {
            Link(first.Path, first.Name, target, name);
            return;
        }
        try
        {
            switch (status.Kind)
            {
                case FileKind.Directory:
                    CopyDirectory(source, entry, target, path);
                    return;
                case FileKind.Regular:
                    if (!TryCopyFile(holder, target, name, out status))
                        return;
                    break;
                case FileKind.SymbolicLink:
                    target.CreateSymbolicLink(holder.ReadLink(name), name);
                    Dress(holder, target, name, status);
                    break;
                default:
                    target.CreateNode(name, status.Kind, status.Mode, status.Device);
                    Dress(holder, target, name, status);
                    break;
            }
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP && !holder.TryStat(name, out _))
        {
            target.RemoveTree(name);
            return;
        }
        if (status.LinkCount > 1)
            _linked[(status.FileSystem, status.Inode)] = (path, name);
    }

    private void CopyDirectory(ITreeSource source, TreeEntry entry, DirectoryHandle target, byte[][] path)
    {
        using var from = source.Descend(entry);
        target.CreateDirectory(entry.Name, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var to = target.OpenDirectory(entry.Name);
        CopyContent(from, to, [.. path, entry.Name]);
        // Last, for entries made in it change its time.
        Dress(from, to);
    }

    // What stands there now may be another thing than was looked at: neither may a fifo hold us nor a device be read.
    private bool TryCopyFile(DirectoryHandle holder, DirectoryHandle target, byte[] name, out FileStatus status)
    {
        using var from = holder.OpenFile(name, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal);
        status = FileStatus.Of(from);
        if (status.Kind != FileKind.Regular)
            return false;
        using var to = target.CreateFile(name, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        to.CloneFrom(from);
        Dress(holder, name, to, status);
        return true;
    }

    private void Link(byte[][] path, byte[] existing, DirectoryHandle target, byte[] name)
    {
        var opened = new List<DirectoryHandle>();
        try
        {
            foreach (var part in path)
                opened.Add((opened.Count > 0 ? opened[^1] : targetRoot).OpenDirectory(part));
            target.CreateHardLink(opened.Count > 0 ? opened[^1] : targetRoot, existing, name);
        }
        finally
        {
            opened.ForEach(one => one.Dispose());
        }
    }

    private void Dress(ITreeSource source, DirectoryHandle target) => Dress(source.Top, [], target.Descriptor, FileStatus.Of(source.Top.Descriptor));

    // The owner first: a new one takes set-uid bits and capabilities away.
    private void Dress(DirectoryHandle holder, byte[] name, SafeFd target, in FileStatus status)
    {
        var (uid, gid) = OwnerOf(status);
        target.SetOwner(uid, gid);
        target.SetMode(status.Mode);
        foreach (var (attribute, value) in AttributesOf(holder, name))
            Require(target.TrySetAttribute(attribute, value), attribute);
        target.SetModified(status.ModifiedTime);
    }

    // By name, as opening a device or fifo would have effects.
    private void Dress(DirectoryHandle holder, DirectoryHandle target, byte[] name, in FileStatus status)
    {
        var (uid, gid) = OwnerOf(status);
        target.SetOwner(name, uid, gid);
        if (status.Kind != FileKind.SymbolicLink)
            target.SetMode(name, status.Mode);
        foreach (var (attribute, value) in AttributesOf(holder, name))
            Require(target.TrySetAttribute(name, attribute, value), attribute);
        target.SetModified(name, status.ModifiedTime);
    }

    private (uint Uid, uint Gid) OwnerOf(in FileStatus status) => Owners is null ? (status.Uid, status.Gid) : Owners((status.Uid, status.Gid));

    private IEnumerable<(string Name, byte[] Value)> AttributesOf(DirectoryHandle holder, byte[] name)
    {
        foreach (var attribute in holder.ListAttributes(name))
        {
            if ((KeepsOverlayAttributes || !OverlayAttributes.IsReserved(attribute)) && holder.GetAttribute(name, attribute) is { } value)
                yield return (attribute, value);
        }
    }

    // A file system that knows fewer attributes (labels, lists) loses them, as with cp -a; but capabilities change what a program may do.
    private static void Require(Errno errno, string attribute)
    {
        if (errno != Errno.None && (errno != Errno.EOPNOTSUPP || attribute == "security.capability"))
            throw new LinuxException($"set attribute '{attribute}'", errno);
    }
}
