using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Volumes;

/// <summary>
/// Copies a directory as it is: owners, permissions, times, all extended attributes, devices, hard links, holes; blocks are shared where the file system can.
/// By open directories and plain names, so that nothing that changes meanwhile leads elsewhere; what vanishes meanwhile is left out.
/// </summary>
internal sealed class DirectoryCopy(DirectoryHandle targetRoot, CancellationToken ct)
{
    private const int MaxDepth = 1024; // each level holds two descriptors

    private readonly Dictionary<(DeviceNumber, ulong), (byte[][] Path, byte[] Name)> _linked = [];

    /// <summary>Copies all that is in a directory, and what it has itself, into an empty one.</summary>
    /// <exception cref="LinuxException">The kernel refused: no room, say.</exception>
    internal void Copy(DirectoryHandle source)
    {
        CopyContent(source, targetRoot, []);
        Dress(source, targetRoot);
    }

    private void CopyContent(DirectoryHandle source, DirectoryHandle target, byte[][] path)
    {
        if (path.Length > MaxDepth)
            throw new LinuxException("copy, as it is too deep,", Errno.ELOOP, string.Join('/', path.Select(part => RawName.Of(part))));
        foreach (var entry in source.List())
        {
            ct.ThrowIfCancellationRequested();
            if (source.TryStat(entry.Name, out var status))
                CopyEntry(source, target, entry.Name, status, path);
        }
    }

    private void CopyEntry(DirectoryHandle source, DirectoryHandle target, byte[] name, in FileStatus status, byte[][] path)
    {
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
                    CopyDirectory(source, target, name, path);
                    return;
                case FileKind.Regular:
                    // What stands there now may be another thing than was looked at: neither a fifo may hold us nor a device be read.
                    using (var from = source.OpenFile(name, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal))
                    {
                        if (FileStatus.Of(from).Kind != FileKind.Regular)
                            return;
                        using var to = target.CreateFile(name, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                        to.CloneFrom(from);
                    }
                    break;
                case FileKind.SymbolicLink:
                    target.CreateSymbolicLink(source.ReadLink(name), name);
                    break;
                default:
                    target.CreateNode(name, status.Kind, status.Mode, status.Device);
                    break;
            }
            Dress(source, target, name, status);
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP && !source.TryStat(name, out _))
        {
            target.RemoveTree(name);
            return;
        }
        if (status.LinkCount > 1)
            _linked[(status.FileSystem, status.Inode)] = (path, name);
    }

    private void CopyDirectory(DirectoryHandle source, DirectoryHandle target, byte[] name, byte[][] path)
    {
        using var from = source.OpenDirectory(name);
        target.CreateDirectory(name, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var to = target.OpenDirectory(name);
        CopyContent(from, to, [.. path, name]);
        Dress(from, to);
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

    private static void Dress(DirectoryHandle source, DirectoryHandle target)
    {
        var status = FileStatus.Of(source.Descriptor);
        target.Descriptor.SetOwner(status.Uid, status.Gid);
        target.Descriptor.SetMode(status.Mode);
        foreach (var attribute in source.ListAttributes([]))
        {
            if (source.GetAttribute([], attribute) is { } value)
                Require(target.Descriptor.TrySetAttribute(attribute, value), attribute);
        }
        target.Descriptor.SetModified(status.ModifiedTime);
    }

    private static void Dress(DirectoryHandle source, DirectoryHandle target, byte[] name, in FileStatus status)
    {
        target.SetOwner(name, status.Uid, status.Gid);
        if (status.Kind != FileKind.SymbolicLink)
            target.SetMode(name, status.Mode);
        foreach (var attribute in source.ListAttributes(name))
        {
            if (source.GetAttribute(name, attribute) is { } value)
                Require(target.TrySetAttribute(name, attribute, value), attribute);
        }
        target.SetModified(name, status.ModifiedTime);
    }

    // A file system that knows fewer attributes loses them, as with cp -a; capabilities change what a program may do.
    private static void Require(Errno errno, string attribute)
    {
        if (errno != Errno.None && (errno != Errno.EOPNOTSUPP || attribute == "security.capability"))
            throw new LinuxException($"set attribute '{attribute}'", errno);
    }
}
