using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Files;

/// <summary>Making and removing entries.</summary>
public sealed unsafe partial class DirectoryHandle
{
    // A tree deeper than this was made to exhaust the stack or the descriptors.
    private const int MaxDepth = 2048;

    /// <summary>Makes a directory.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void CreateDirectory(ReadOnlySpan<byte> name, UnixFileMode mode)
    {
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        if (Sys.mkdirat_bytes(Descriptor.Number, bytes, (uint)mode) != 0)
            throw Failure("create directory", name);
    }

    /// <summary>Makes a new file and opens it for writing.</summary>
    /// <exception cref="LinuxException">The kernel refused; EEXIST if the name is taken, be it by a link.</exception>
    public SafeFd CreateFile(ReadOnlySpan<byte> name, UnixFileMode mode) =>
        OpenFile(name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, mode);

    /// <summary>Makes a new file that has no name and opens it for writing: it goes with its descriptor, also if this process is killed, unless it was given a name.</summary>
    /// <returns>Null: the file system has no such files.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public SafeFd? TryCreateUnnamedFile(UnixFileMode mode)
    {
        var file = Sys.openat(Descriptor.Number, ".", OpenFlags.WriteOnly | OpenFlags.Directory | OpenFlags.Unnamed, (uint)mode);
        if (file >= 0)
            return new SafeFd(file);
        // EISDIR: of a file system or a kernel that does not know the flag.
        return Sys.LastErrno is Errno.EOPNOTSUPP or Errno.EISDIR ? null : throw Failure("create file", "."u8);
    }

    /// <summary>Gives a file of <see cref="TryCreateUnnamedFile"/> its name.</summary>
    /// <exception cref="LinuxException">The kernel refused; EEXIST if the name is taken.</exception>
    public void Name(SafeFd file, ReadOnlySpan<byte> name)
    {
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        var path = Encoding.ASCII.GetBytes(file.ProcPath + "\0");
        fixed (byte* existing = path)
        {
            if (Sys.linkat_bytes(Sys.AT_FDCWD, existing, Descriptor.Number, bytes, Sys.AT_SYMLINK_FOLLOW) != 0)
                throw Failure("create file", name);
        }
    }

    /// <summary>Makes a symbolic link; its target is not resolved now.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void CreateSymbolicLink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> name)
    {
        if (target.Length >= PathMax)
            throw new LinuxException("create symbolic link", Errno.ENAMETOOLONG, Text(name));
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        var targetBytes = stackalloc byte[target.Length + 1];
        Copy(target, targetBytes);
        if (Sys.symlinkat_bytes(targetBytes, Descriptor.Number, bytes) != 0)
            throw Failure("create symbolic link", name);
    }

    /// <summary>Makes another name for a file; a symbolic link is linked itself, never followed.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void CreateHardLink(DirectoryHandle existingDirectory, ReadOnlySpan<byte> existingName, ReadOnlySpan<byte> name)
    {
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        var existing = stackalloc byte[NameMax + 1];
        CopyName(existingName, existing);
        if (Sys.linkat_bytes(existingDirectory.Descriptor.Number, existing, Descriptor.Number, bytes, 0) != 0)
            throw Failure("link", name);
    }

    /// <summary>Makes a device node, a fifo or a socket.</summary>
    /// <exception cref="LinuxException">The kernel refused; EPERM without CAP_MKNOD, but for fifos, sockets and the whiteout 0:0.</exception>
    public void CreateNode(ReadOnlySpan<byte> name, FileKind kind, UnixFileMode mode, DeviceNumber device)
    {
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        if (Sys.mknodat_bytes(Descriptor.Number, bytes, (uint)kind | (uint)mode, Sys.makedev(device.Major, device.Minor)) != 0)
            throw Failure("create device", name);
    }

    /// <summary>Moves an entry into another directory of the same file system.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Rename(ReadOnlySpan<byte> name, DirectoryHandle targetDirectory, ReadOnlySpan<byte> targetName, RenameFlags flags = RenameFlags.Replace)
    {
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        var target = stackalloc byte[NameMax + 1];
        CopyName(targetName, target);
        if (Sys.renameat2_bytes(Descriptor.Number, bytes, targetDirectory.Descriptor.Number, target, (uint)flags) != 0)
            throw Failure("rename", name);
    }

    /// <summary>Removes an entry with all that is below it, without following links. Nothing happens if it is not there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void RemoveTree(ReadOnlySpan<byte> name) => RemoveTree(name, 0);

    /// <summary>Removes all entries; the directory stays.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Clear()
    {
        foreach (var entry in List())
            RemoveTree(entry.Name, 0);
    }

    private void RemoveTree(ReadOnlySpan<byte> name, int depth)
    {
        if (depth > MaxDepth)
            throw new LinuxException("remove", Errno.ELOOP, Text(name));
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        if (Sys.unlinkat_bytes(Descriptor.Number, bytes, 0) == 0 || Sys.LastErrno == Errno.ENOENT)
            return;
        // POSIX has EPERM for a directory, Linux EISDIR.
        if (Sys.LastErrno is not (Errno.EISDIR or Errno.EPERM))
            throw Failure("remove", name);
        if (Sys.unlinkat_bytes(Descriptor.Number, bytes, Sys.AT_REMOVEDIR) == 0)
            return;
        if (Sys.LastErrno != Errno.ENOTEMPTY && Sys.LastErrno != Errno.EEXIST)
            throw Failure("remove directory", name);
        using (var directory = OpenDirectory(name))
        {
            foreach (var entry in directory.List())
                directory.RemoveTree(entry.Name, depth + 1);
        }
        if (Sys.unlinkat_bytes(Descriptor.Number, bytes, Sys.AT_REMOVEDIR) != 0 && Sys.LastErrno != Errno.ENOENT)
            throw Failure("remove directory", name);
    }
}
