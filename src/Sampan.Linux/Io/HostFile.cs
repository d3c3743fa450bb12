using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Files of the host by their path, trusted; for paths of containers see <see cref="RootPath"/>.</summary>
public static class HostFile
{
    /// <summary>Opens a file; close-on-exec is always added.</summary>
    /// <param name="path">Path on the host; links are followed.</param>
    /// <param name="flags">Access and how.</param>
    /// <param name="mode">Permissions of a file that is made.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SafeFd Open(string path, OpenFlags flags, UnixFileMode mode = 0) =>
        new(Sys.Check(Sys.openat(Sys.AT_FDCWD, path, flags, (uint)mode), "open", path));

    /// <summary>Reads a whole small file.</summary>
    /// <param name="path">Path on the host.</param>
    /// <param name="maxBytes">More than that is an error (EFBIG).</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static byte[] Read(string path, int maxBytes) =>
        SmallFile.TryRead(Sys.AT_FDCWD, path, maxBytes, out var content, out var errno) ? content : throw new LinuxException("read", errno, path);

    /// <summary>Reads a whole small file that somebody else may have put there: a fifo is not waited for, a device or directory not read.</summary>
    /// <param name="path">Path on the host; links are followed.</param>
    /// <param name="maxBytes">More than that is an error (EFBIG).</param>
    /// <exception cref="LinuxException">The kernel refused, or it is no regular file (EINVAL).</exception>
    public static byte[] ReadRegular(string path, int maxBytes)
    {
        using var file = Open(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal);
        if (FileStatus.Of(file).Kind != FileKind.Regular)
            throw new LinuxException("read, as it is no regular file,", Errno.EINVAL, path);
        return SmallFile.TryRead(file.Number, maxBytes, out var content, out var errno) ? content : throw new LinuxException("read", errno, path);
    }

    /// <summary>Reads an open file from where it stands to its end.</summary>
    /// <param name="file">The file.</param>
    /// <param name="maxBytes">More than that is an error (EFBIG).</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static byte[] Read(SafeFd file, int maxBytes) =>
        SmallFile.TryRead(file.Number, maxBytes, out var content, out var errno) ? content : throw new LinuxException("read", errno, $"descriptor {file.Number}");

    /// <summary>Makes a directory. Being there already is well.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void CreateDirectory(string path, UnixFileMode mode)
    {
        if (Sys.mkdirat(Sys.AT_FDCWD, path, (uint)mode) != 0 && Sys.LastErrno != Errno.EEXIST)
            throw new LinuxException("create directory", Sys.LastErrno, path);
    }

    /// <summary>Makes a directory that is the caller's alone: of many who try at once, one does it.</summary>
    /// <returns>False if something has the name already.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool TryCreateDirectory(string path, UnixFileMode mode)
    {
        if (Sys.mkdirat(Sys.AT_FDCWD, path, (uint)mode) == 0)
            return true;
        return Sys.LastErrno == Errno.EEXIST ? false : throw new LinuxException("create directory", Sys.LastErrno, path);
    }

    /// <summary>Takes an open file's lock for the life of the descriptor, if nobody has it.</summary>
    /// <returns>False: somebody has it.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool TryLock(SafeFd file)
    {
        if (Sys.flock(file.Number, Sys.LOCK_EX | Sys.LOCK_NB) == 0)
            return true;
        return Sys.LastErrno == Errno.EAGAIN ? false : throw new LinuxException("lock", Sys.LastErrno, $"descriptor {file.Number}");
    }

    /// <summary>Removes a file. Being gone already is well.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Remove(string path)
    {
        if (Sys.unlinkat(Sys.AT_FDCWD, path, 0) != 0 && Sys.LastErrno != Errno.ENOENT)
            throw new LinuxException("remove", Sys.LastErrno, path);
    }

    /// <summary>Gives a file another name; what has that name is replaced.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Rename(string from, string to) => Sys.Check(Sys.renameat2(Sys.AT_FDCWD, from, Sys.AT_FDCWD, to, 0), "rename", from);
}
