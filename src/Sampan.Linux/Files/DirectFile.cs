using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Files;

/// <summary>Open files that are read and written past the page cache (O_DIRECT), and what they look like.</summary>
public static class DirectFile
{
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

    /// <summary>Whether a file was opened for reading, not for writing alone, and not as a mere name of a place (O_PATH), for which nobody needs a right to read.</summary>
    public static bool IsReadable(this SafeFileHandle file) => Use(file, 0, static (fd, _) =>
    {
        const int F_GETFL = 3;
        const int O_WRONLY = 1;
        const int O_PATH = 0x200000;
        var flags = Sys.fcntl(fd, F_GETFL, 0);
        return flags >= 0 && (flags & (O_WRONLY | O_PATH)) == 0;
    });

    /// <inheritdoc cref="OpenFileMetadata.FileSystemMagic"/>
    public static long FileSystemMagic(this SafeFileHandle file) => Use(file, 0, static (fd, _) =>
    {
        using var look = new SafeFd(fd, ownsHandle: false);
        return look.FileSystemMagic();
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
