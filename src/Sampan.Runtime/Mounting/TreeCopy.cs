using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Mounting;

/// <summary>
/// Copies what is in a directory, by descriptors and plain names only: links are copied, never followed. Owner, permissions, times, extended
/// attributes, devices and hard links are kept.
/// </summary>
internal sealed class TreeCopy
{
    /// <summary>Deeper trees were made to exhaust the stack.</summary>
    private const int MaxDepth = 512;

    /// <summary>Where a file with several names was copied to first, by inode.</summary>
    private readonly Dictionary<(ulong Inode, DeviceNumber FileSystem), (string[] Path, byte[] Name)> _copied = [];
    private readonly DirectoryHandle _targetRoot;

    private TreeCopy(DirectoryHandle targetRoot) => _targetRoot = targetRoot;

    /// <summary>True if a directory has no entries, or only what mkfs puts into a new file system.</summary>
    internal static bool IsEmpty(DirectoryHandle directory)
    {
        foreach (var entry in directory.List())
        {
            if (!entry.Name.AsSpan().SequenceEqual("lost+found"u8))
                return false;
        }
        return true;
    }

    /// <summary>Copies the content and what the directory itself has of owner, permissions and attributes.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal static void Copy(DirectoryHandle source, DirectoryHandle target)
    {
        new TreeCopy(target).CopyEntries(source, target, []);
        CopyMetadata(source, target);
    }

    private void CopyEntries(DirectoryHandle source, DirectoryHandle target, string[] path)
    {
        if (path.Length > MaxDepth)
            throw new LinuxException("copy, as it is too deep,", Errno.ELOOP, string.Join('/', path));
        foreach (var entry in source.List())
        {
            if (source.TryStat(entry.Name, out var status))
                CopyEntry(source, target, entry.Name, status, path);
        }
    }

    private void CopyEntry(DirectoryHandle source, DirectoryHandle target, byte[] name, in FileStatus status, string[] path)
    {
        if (status.Kind != FileKind.Directory && status.LinkCount > 1)
        {
            if (_copied.TryGetValue((status.Inode, status.FileSystem), out var first))
            {
                LinkTo(first.Path, first.Name, target, name);
                return;
            }
            _copied[(status.Inode, status.FileSystem)] = (path, name);
        }
        switch (status.Kind)
        {
            case FileKind.Directory:
                target.CreateDirectory(name, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                using (var from = source.OpenDirectory(name))
                using (var into = target.OpenDirectory(name))
                {
                    CopyEntries(from, into, [.. path, System.Text.Encoding.Latin1.GetString(name)]);
                    CopyMetadata(from, into);
                }
                return;
            case FileKind.Regular:
                using (var from = source.OpenFile(name, OpenFlags.ReadOnly))
                using (var into = target.CreateFile(name, UnixFileMode.UserRead | UnixFileMode.UserWrite))
                    into.CopyFrom(from);
                break;
            case FileKind.SymbolicLink:
                target.CreateSymbolicLink(source.ReadLink(name), name);
                break;
            default:
                target.CreateNode(name, status.Kind, status.Mode, status.Device);
                break;
        }
        target.SetOwner(name, status.Uid, status.Gid);
        if (status.Kind != FileKind.SymbolicLink)
            target.SetMode(name, status.Mode);
        foreach (var attribute in source.ListAttributes(name))
            CopyAttribute(attribute, source.GetAttribute(name, attribute), target, name);
        target.SetModified(name, FileTime.From(status.Modified));
    }

    private void LinkTo(string[] path, byte[] name, DirectoryHandle target, byte[] newName)
    {
        var opened = new List<DirectoryHandle>();
        try
        {
            var directory = _targetRoot;
            foreach (var part in path)
            {
                directory = directory.OpenDirectory(System.Text.Encoding.Latin1.GetBytes(part));
                opened.Add(directory);
            }
            target.CreateHardLink(directory, name, newName);
        }
        finally
        {
            opened.ForEach(one => one.Dispose());
        }
    }

    private static void CopyMetadata(DirectoryHandle source, DirectoryHandle target)
    {
        var status = FileStatus.Of(source.Descriptor);
        target.Descriptor.SetOwner(status.Uid, status.Gid);
        target.Descriptor.SetMode(status.Mode);
        foreach (var attribute in source.ListAttributes([]))
        {
            if (source.GetAttribute([], attribute) is { } value && !IsOverlays(attribute))
                Require(target.Descriptor.TrySetAttribute(attribute, value), attribute);
        }
        target.Descriptor.SetModified(FileTime.From(status.Modified));
    }

    private static void CopyAttribute(string attribute, byte[]? value, DirectoryHandle target, byte[] name)
    {
        if (value is not null && !IsOverlays(attribute))
            Require(target.TrySetAttribute(name, attribute, value), attribute);
    }

    /// <summary>The overlay's own marks belong to its layers.</summary>
    private static bool IsOverlays(string attribute) => attribute.StartsWith("trusted.overlay.", StringComparison.Ordinal);

    private static void Require(Errno errno, string attribute)
    {
        // A file system without attributes loses them, as with cp -a; a refusal is told.
        if (errno is not (Errno.None or Errno.EOPNOTSUPP))
            throw new LinuxException("copy attribute", errno, attribute);
    }
}
