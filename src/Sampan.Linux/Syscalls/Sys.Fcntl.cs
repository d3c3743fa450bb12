using System.Runtime.InteropServices;
using Sampan.Linux.Io;

namespace Sampan.Linux.Syscalls;

/// <summary>fcntl.h and linux/openat2.h.</summary>
internal static unsafe partial class Sys
{
    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_REMOVEDIR = 0x200;
    internal const int AT_SYMLINK_FOLLOW = 0x400;
    internal const int AT_EMPTY_PATH = 0x1000;

    internal const ulong RESOLVE_NO_XDEV = 0x01;
    internal const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    internal const ulong RESOLVE_NO_SYMLINKS = 0x04;
    internal const ulong RESOLVE_BENEATH = 0x08;
    internal const ulong RESOLVE_IN_ROOT = 0x10;

    internal const short F_RDLCK = 0;
    internal const short F_WRLCK = 1;
    internal const int F_OFD_SETLK = 37;

    private const long SYS_openat2 = 437;

    /// <summary>struct open_how of linux/openat2.h; the same on every architecture.</summary>
    internal struct open_how
    {
        internal ulong flags;
        internal ulong mode;
        internal ulong resolve;
    }

    /// <summary>struct flock; from <c>l_start</c> 0 on with <c>l_len</c> 0 it is the whole file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct flock_range
    {
        internal short l_type;
        internal short l_whence;
        internal long l_start;
        internal long l_len;
        internal int l_pid;
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/openat.2.html">openat(2)</see>; always close-on-exec.</summary>
    internal static int openat(int dirfd, string path, OpenFlags flags, uint mode = 0) =>
        openat_raw(dirfd, path, (flags | OpenFlags.CloseOnExec).ToKernel(), mode);

    [LibraryImport(Libc, EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat_raw(int dirfd, string path, int flags, uint mode);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/openat2.2.html">openat2(2)</see>; always close-on-exec.</summary>
    internal static int openat2(int dirfd, string path, OpenFlags flags, uint mode, ulong resolve)
    {
        var how = new open_how { flags = (uint)(flags | OpenFlags.CloseOnExec).ToKernel(), mode = mode, resolve = resolve };
        return (int)openat2_raw(SYS_openat2, dirfd, path, &how, (nuint)sizeof(open_how));
    }

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long openat2_raw(long number, nint dirfd, string path, open_how* how, nuint size);
}
