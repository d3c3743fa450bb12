using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Trees;

namespace Sampan.Storage.Snapshots;

/// <summary>Copies a merged directory tree: content, owners, permissions, attributes, times to the nanosecond, hard links among the copied.</summary>
/// <param name="owners">Who the owners are where it is copied to; null: the same.</param>
internal sealed class TreeCopy(OwnerMap? owners = null)
{
    private readonly Dictionary<(DeviceNumber, ulong), (DirectoryHandle Directory, byte[] Name)> _linked = [];
    private readonly Dictionary<DirectoryHandle, DirectoryHandle> _kept = [];

    /// <summary>Copies all entries of <paramref name="source"/> into <paramref name="target"/>, and the directory's own metadata.</summary>
    internal void Copy(MergedDirectory source, DirectoryHandle target)
    {
        try
        {
            CopyDirectory(source, target);
        }
        finally
        {
            foreach (var kept in _kept.Values)
                kept.Dispose();
        }
    }

    internal static void CopyMetadata(DirectoryHandle source, DirectoryHandle target, OwnerMap? owners = null)
    {
        var status = FileStatus.Of(source.Descriptor);
        var (uid, gid) = owners?.Outside((status.Uid, status.Gid)) ?? (status.Uid, status.Gid);
        target.Descriptor.SetOwner(uid, gid);
        target.Descriptor.SetMode(status.Mode);
        foreach (var attribute in source.ListAttributes([]))
        {
            if (!OverlayFormat.IsReserved(attribute) && source.GetAttribute([], attribute) is { } value)
                Check(target.Descriptor.TrySetAttribute(attribute, value), attribute);
        }
        target.Descriptor.SetModified(status.ModifiedTime);
    }

    private void CopyDirectory(MergedDirectory source, DirectoryHandle target)
    {
        foreach (var entry in source.List())
        {
            if (entry.Status.Kind == FileKind.Directory)
            {
                target.CreateDirectory(entry.Name, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                using var from = source.Open(entry);
                using var to = target.OpenDirectory(entry.Name);
                CopyDirectory(from, to);
            }
            else
            {
                CopyEntry(entry, target);
            }
        }
        // Last, for entries made in it change its time.
        CopyMetadata(source.Top, target, owners);
    }

    private void CopyEntry(MergedEntry entry, DirectoryHandle target)
    {
        var status = entry.Status;
        var key = (status.FileSystem, status.Inode);
        if (status.LinkCount > 1 && _linked.TryGetValue(key, out var first))
        {
            target.CreateHardLink(first.Directory, first.Name, entry.Name);
            return;
        }
        switch (status.Kind)
        {
            case FileKind.Regular:
                using (var from = entry.Directory.OpenFile(entry.Name, OpenFlags.ReadOnly))
                using (var to = target.CreateFile(entry.Name, UnixFileMode.UserRead | UnixFileMode.UserWrite))
                    to.CopyFrom(from);
                break;
            case FileKind.SymbolicLink:
                target.CreateSymbolicLink(entry.Directory.ReadLink(entry.Name), entry.Name);
                break;
            default:
                target.CreateNode(entry.Name, status.Kind, status.Mode, status.Device);
                break;
        }
        CopyMetadata(entry, target);
        if (status.LinkCount > 1)
        {
            if (!_kept.TryGetValue(target, out var kept))
                _kept.Add(target, kept = target.TryResolve([], out var errno) ?? throw new LinuxException("open directory", errno));
            _linked.Add(key, (kept, entry.Name));
        }
    }

    private void CopyMetadata(MergedEntry entry, DirectoryHandle target)
    {
        var status = entry.Status;
        var (uid, gid) = owners?.Outside((status.Uid, status.Gid)) ?? (status.Uid, status.Gid);
        target.SetOwner(entry.Name, uid, gid);
        if (status.Kind != FileKind.SymbolicLink)
            target.SetMode(entry.Name, status.Mode);
        foreach (var attribute in entry.Directory.ListAttributes(entry.Name))
        {
            if (!OverlayFormat.IsReserved(attribute) && entry.Directory.GetAttribute(entry.Name, attribute) is { } value)
                Check(target.TrySetAttribute(entry.Name, attribute, value), attribute);
        }
        target.SetModified(entry.Name, status.ModifiedTime);
    }

    // Another file system may keep fewer attributes (labels, lists); only capabilities change what a program may do.
    private static void Check(Errno errno, string attribute)
    {
        if (errno != Errno.None && (errno != Errno.EOPNOTSUPP || attribute == "security.capability"))
            throw new LinuxException($"set attribute '{attribute}'", errno);
    }
}
