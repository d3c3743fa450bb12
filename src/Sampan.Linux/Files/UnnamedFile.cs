using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Files;

/// <summary>Files that have no name, or not yet (O_TMPFILE), and files that are read and written past the page cache (O_DIRECT).</summary>
public static unsafe class UnnamedFile
{
    private const OpenFlags Unnamed = (OpenFlags)0x400000 | OpenFlags.Directory; // O_TMPFILE

    /// <summary>Makes a file that goes when it is closed, unless it gets a name by <see cref="TryLink"/>; null: the file system has no such files.</summary>
    /// <param name="directory">On which file system.</param>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static SafeFileHandle? TryCreate(string directory)
    {
        var fd = Sys.openat(Sys.AT_FDCWD, directory, Unnamed | OpenFlags.ReadWrite, 0x180);
        if (fd >= 0)
            return new SafeFileHandle(fd, ownsHandle: true);
        return Sys.LastErrno is Errno.EOPNOTSUPP or Errno.EISDIR or Errno.EINVAL ? null : throw new LinuxException("create unnamed file", Sys.LastErrno, directory);
    }

    /// <summary>Has reads and writes of a file go past the page cache, or through it again. They then have to begin and end at multiples of 4096 bytes, in memory too.</summary>
    /// <returns>False: the file system cannot.</returns>
    public static bool TrySetDirect(this SafeFileHandle file, bool direct) => Use(file, direct, static (fd, direct) =>
    {
        const int F_GETFL = 3;
        const int F_SETFL = 4;
        var flag = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000; // O_DIRECT
        var flags = Sys.fcntl(fd, F_GETFL, 0);
        return flags >= 0 && Sys.fcntl(fd, F_SETFL, direct ? flags | flag : flags & ~flag) == 0;
    });

    /// <summary>What the kernel says about an open file.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FileStatus Status(this SafeFileHandle file) => Use(file, 0, static (fd, _) =>
    {
        using var look = new SafeFd(fd, ownsHandle: false);
        return FileStatus.Of(look);
    });

    /// <summary>Sets owner, permissions and the time of the last change.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetLooks(this SafeFileHandle file, uint uid, uint gid, UnixFileMode mode, FileTime modified) => Use(file, (uid, gid, mode, modified), static (fd, looks) =>
    {
        using var look = new SafeFd(fd, ownsHandle: false);
        look.SetOwner(looks.uid, looks.gid);
        look.SetMode(looks.mode);
        look.SetModified(looks.modified);
        return true;
    });

    /// <summary>Gives an open file a name. One that had a name and lost it gets none any more.</summary>
    /// <param name="file">Which.</param>
    /// <param name="directory">Where; of the same file system.</param>
    /// <param name="name">Its name there.</param>
    /// <returns><see cref="Errno.None"/>, or why not.</returns>
    public static Errno TryLink(this SafeFileHandle file, DirectoryHandle directory, ReadOnlySpan<byte> name)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var plain = name.ToArray();
        if (plain.Length is 0 or > 255 || plain.AsSpan().IndexOfAny((byte)0, (byte)'/') >= 0)
            return Errno.EINVAL;
        return Use(file, (directory, plain), static (fd, to) =>
        {
            // By way of /proc: AT_EMPTY_PATH asks for CAP_DAC_READ_SEARCH.
            fixed (byte* from = Encoding.ASCII.GetBytes($"/proc/self/fd/{fd}\0"))
            fixed (byte* name = (byte[])[.. to.plain, 0])
                return Sys.linkat_bytes(Sys.AT_FDCWD, from, to.directory.Descriptor.Number, name, Sys.AT_SYMLINK_FOLLOW) == 0 ? Errno.None : Sys.LastErrno;
        });
    }

    private static T Use<TState, T>(SafeFileHandle file, TState state, Func<int, TState, T> call)
    {
        var held = false;
        try
        {
            file.DangerousAddRef(ref held);
            return call((int)file.DangerousGetHandle(), state);
        }
        finally
        {
            if (held)
                file.DangerousRelease();
        }
    }
}
