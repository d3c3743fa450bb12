using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Files;

/// <summary>
/// An open directory whose entries are read, made, changed and removed by plain name, never by path: nothing a hostile archive or a
/// running container puts into the tree (links, renames) can lead a call elsewhere. Names are bytes, as the kernel has them.
/// </summary>
/// <remarks>Not thread-safe: the caller orders changes. Only <see cref="TryResolve"/> follows links, and those end at this directory.</remarks>
public sealed unsafe partial class DirectoryHandle : IDisposable
{
    private const int NameMax = 255;
    private const int PathMax = 4096;

    private DirectoryHandle(SafeFd fd) => Descriptor = fd;

    /// <summary>The directory, open for reading; belongs to this object.</summary>
    public SafeFd Descriptor { get; }

    /// <summary>Opens a directory of the host. Its own path is trusted and follows links.</summary>
    /// <exception cref="LinuxException">It is not there or not a directory.</exception>
    public static DirectoryHandle Open(string path) =>
        new(new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, path, OpenFlags.ReadOnly | OpenFlags.Directory), "open directory", path)));

    /// <summary>Opens a directory beneath this one as if this one were <c>/</c> (openat2, RESOLVE_IN_ROOT): links are followed but cannot leave it.</summary>
    /// <param name="path">Bytes of the path; empty is this directory.</param>
    /// <param name="errno">Why not.</param>
    /// <returns>Null if it is not there or no directory.</returns>
    public DirectoryHandle? TryResolve(ReadOnlySpan<byte> path, out Errno errno)
    {
        errno = Errno.ENAMETOOLONG;
        if (path.Length >= PathMax)
            return null;
        var bytes = stackalloc byte[path.Length + 2];
        Copy(path.IsEmpty ? "."u8 : path, bytes);
        var how = new Sys.open_how
        {
            flags = (uint)(OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.CloseOnExec).ToKernel(),
            resolve = Sys.RESOLVE_IN_ROOT | Sys.RESOLVE_NO_MAGICLINKS,
        };
        // The kernel answers EAGAIN when something in the tree was renamed meanwhile; bounded, so that nobody keeps us here.
        const long SYS_openat2 = 437;
        for (var attempt = 0; attempt < 256; attempt++)
        {
            var fd = (int)Sys.openat2_bytes(SYS_openat2, Descriptor.Number, bytes, &how, (nuint)sizeof(Sys.open_how));
            if (fd >= 0)
            {
                errno = Errno.None;
                return new DirectoryHandle(new SafeFd(fd));
            }
            errno = Sys.LastErrno;
            if (errno is not (Errno.EAGAIN or Errno.EINTR))
                return null;
        }
        return null;
    }

    /// <summary>Opens a directory that is an entry of this one; a link is refused.</summary>
    /// <exception cref="LinuxException">It is not there or not a directory.</exception>
    public DirectoryHandle OpenDirectory(ReadOnlySpan<byte> name) => new(OpenFile(name, OpenFlags.ReadOnly | OpenFlags.Directory));

    /// <summary>Opens an entry; a link is refused (ELOOP) unless the place itself is opened (<see cref="OpenFlags.Path"/>).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public SafeFd OpenFile(ReadOnlySpan<byte> name, OpenFlags flags, UnixFileMode mode = 0)
    {
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        var fd = Sys.openat_bytes(Descriptor.Number, bytes, (flags | OpenFlags.NoFollow | OpenFlags.CloseOnExec).ToKernel(), (uint)mode);
        return fd >= 0 ? new SafeFd(fd) : throw Failure("open", name);
    }

    /// <summary>Status of an entry; of a link itself. False if it is not there.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public bool TryStat(ReadOnlySpan<byte> name, out FileStatus status)
    {
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        if (FileStatus.TryRead(Descriptor.Number, bytes, Sys.AT_SYMLINK_NOFOLLOW, out status))
            return true;
        return Sys.LastErrno is Errno.ENOENT or Errno.ENAMETOOLONG ? false : throw Failure("stat", name);
    }

    /// <summary>Where a symbolic link points to, as it is written.</summary>
    /// <exception cref="LinuxException">It is not there or no link.</exception>
    public byte[] ReadLink(ReadOnlySpan<byte> name)
    {
        var bytes = stackalloc byte[NameMax + 1];
        CopyName(name, bytes);
        var buffer = stackalloc byte[PathMax];
        var length = Sys.readlinkat_bytes(Descriptor.Number, bytes, buffer, PathMax);
        return length >= 0 ? new ReadOnlySpan<byte>(buffer, (int)length).ToArray() : throw Failure("read link", name);
    }

    /// <summary>All entries but <c>.</c> and <c>..</c>, in the file system's order.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<DirectoryEntry> List()
    {
        const int Size = 32 * 1024;
        var entries = new List<DirectoryEntry>();
        var buffer = new byte[Size];
        // A second description, so that listing twice begins at the first entry again.
        using var listing = new SafeFd(Sys.Check(Sys.openat(Descriptor.Number, ".", OpenFlags.ReadOnly | OpenFlags.Directory), "open directory", Descriptor.ProcPath));
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = (int)Sys.Check(Sys.getdents64(listing.Number, start, Size), "list directory", Descriptor.ProcPath);
                if (count == 0)
                    return entries;
                for (var at = 0; at < count;)
                {
                    // struct linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name with a zero byte behind it
                    var length = *(ushort*)(start + at + 16);
                    var name = new ReadOnlySpan<byte>(start + at + 19, length - 19);
                    name = name[..name.IndexOf((byte)0)];
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                        entries.Add(new DirectoryEntry(name.ToArray(), (FileKind)(start[at + 18] << 12)));
                    at += length;
                }
            }
        }
    }

    /// <summary>Closes the directory.</summary>
    public void Dispose() => Descriptor.Dispose();

    private static void Copy(ReadOnlySpan<byte> source, byte* target)
    {
        if (source.Contains((byte)0))
            throw new LinuxException("use name", Errno.EINVAL, Text(source));
        source.CopyTo(new Span<byte>(target, source.Length));
        target[source.Length] = 0;
    }

    // One plain name: a path here would be a way out.
    private static void CopyName(ReadOnlySpan<byte> name, byte* target)
    {
        if (name.Length > NameMax)
            throw new LinuxException("use name", Errno.ENAMETOOLONG, Text(name));
        if (name.IsEmpty || name.Contains((byte)'/') || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
            throw new LinuxException("use name", Errno.EINVAL, Text(name));
        Copy(name, target);
    }

    private static LinuxException Failure(string call, ReadOnlySpan<byte> name) => new(call, Sys.LastErrno, Text(name));

    private static string Text(ReadOnlySpan<byte> name) => System.Text.Encoding.UTF8.GetString(name);
}
