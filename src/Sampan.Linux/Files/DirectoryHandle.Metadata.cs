using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Files;

/// <summary>Owner, permissions, times and extended attributes of entries; of a link itself, never of its target.</summary>
public sealed unsafe partial class DirectoryHandle
{
    private const int AttributeMax = 64 * 1024; // XATTR_SIZE_MAX, XATTR_LIST_MAX

    /// <summary>Sets owner and group of an entry. The kernel clears set-uid bits and file capabilities: set those afterwards.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetOwner(ReadOnlySpan<byte> name, uint uid, uint gid)
    {
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        if (Sys.fchownat_bytes(Descriptor.Number, bytes, uid, gid, Sys.AT_SYMLINK_NOFOLLOW) != 0)
            throw Failure("change owner of", name);
    }

    /// <summary>Sets the permissions of an entry that is no link, without opening it: opening a device or fifo would have effects.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetMode(ReadOnlySpan<byte> name, UnixFileMode mode)
    {
        using var place = OpenFile(name, OpenFlags.Path);
        var path = stackalloc byte[ProcPathMax];
        CopyProcPath(place.Number, [], path);
        if (Sys.chmod_bytes(path, (uint)mode) != 0)
            throw Failure("change permissions of", name);
    }

    /// <summary>Sets the time of the last change of an entry; the time of last access stays.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetModified(ReadOnlySpan<byte> name, FileTime time)
    {
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        var times = stackalloc Sys.file_timespec[2];
        OpenFileMetadata.Fill(times, time);
        if (Sys.utimensat_bytes(Descriptor.Number, bytes, times, Sys.AT_SYMLINK_NOFOLLOW) != 0)
            throw Failure("set times of", name);
    }

    /// <summary>Sets an extended attribute of an entry.</summary>
    /// <returns><see cref="Errno.None"/>, or why not: the caller knows which attributes matter.</returns>
    public Errno TrySetAttribute(ReadOnlySpan<byte> name, string attribute, ReadOnlySpan<byte> value)
    {
        var path = stackalloc byte[ProcPathMax];
        CopyProcPath(Descriptor.Number, name, path);
        var attributeName = Encoding.UTF8.GetBytes(attribute + "\0");
        fixed (byte* attributeBytes = attributeName)
        fixed (byte* valueBytes = value)
            return Sys.lsetxattr(path, attributeBytes, valueBytes, (nuint)value.Length, 0) == 0 ? Errno.None : Sys.LastErrno;
    }

    /// <summary>An extended attribute of an entry, or of this directory if <paramref name="name"/> is empty; null if it has none of that name.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public byte[]? GetAttribute(ReadOnlySpan<byte> name, string attribute)
    {
        var path = stackalloc byte[ProcPathMax];
        CopyProcPath(Descriptor.Number, name, path);
        var attributeName = Encoding.UTF8.GetBytes(attribute + "\0");
        var value = new byte[256];
        while (true)
        {
            nint length;
            fixed (byte* attributeBytes = attributeName)
            fixed (byte* valueBytes = value)
                length = Sys.lgetxattr(path, attributeBytes, valueBytes, (nuint)value.Length);
            if (length >= 0)
                return value.AsSpan(0, (int)length).ToArray();
            if (Sys.LastErrno == Errno.ERANGE && value.Length < AttributeMax)
                value = new byte[AttributeMax];
            else if (Sys.LastErrno is Errno.ENODATA or Errno.EOPNOTSUPP)
                return null;
            else
                throw Failure($"read attribute '{attribute}' of", name);
        }
    }

    /// <summary>Names of the extended attributes of an entry, or of this directory if <paramref name="name"/> is empty.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<string> ListAttributes(ReadOnlySpan<byte> name)
    {
        var path = stackalloc byte[ProcPathMax];
        CopyProcPath(Descriptor.Number, name, path);
        var list = new byte[1024];
        while (true)
        {
            nint length;
            fixed (byte* bytes = list)
                length = Sys.llistxattr(path, bytes, (nuint)list.Length);
            if (length >= 0)
                return Encoding.UTF8.GetString(list, 0, (int)length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
            if (Sys.LastErrno == Errno.ERANGE && list.Length < AttributeMax)
                list = new byte[AttributeMax];
            else if (Sys.LastErrno == Errno.EOPNOTSUPP)
                return [];
            else
                throw Failure("list attributes of", name);
        }
    }

    private const int ProcPathMax = 32 + NameMax + 1;

    // The kernel has no setxattrat before 6.13: /proc/self/fd names the open directory, the rest is one plain name.
    private static void CopyProcPath(int fd, ReadOnlySpan<byte> name, byte* target)
    {
        var prefix = Encoding.ASCII.GetBytes($"/proc/self/fd/{fd}/");
        prefix.CopyTo(new Span<byte>(target, prefix.Length));
        if (name.IsEmpty)
        {
            // Without the last name the link of /proc itself must be followed: the slash does it.
            target[prefix.Length] = (byte)'.';
            target[prefix.Length + 1] = 0;
            // An O_PATH descriptor of a file has no entries; there the link itself is followed by the call (chmod).
            if (!IsDirectory(fd))
                target[prefix.Length - 1] = 0;
            return;
        }
        CopyName(name, target + prefix.Length);
    }

    private static bool IsDirectory(int fd) => FileStatus.TryRead(fd, "", Sys.AT_EMPTY_PATH, out var status) && status.Kind == FileKind.Directory;
}
