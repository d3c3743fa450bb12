using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>Calls on files whose names are bytes, not text: image layers hold names in any encoding. sys/stat.h, sys/xattr.h, dirent.h.</summary>
internal static unsafe partial class Sys
{
    internal const long UTIME_OMIT = (1L << 30) - 2;

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct file_timespec
    {
        internal long tv_sec;
        internal long tv_nsec;
    }

    [LibraryImport(Libc, EntryPoint = "openat", SetLastError = true)]
    internal static partial int openat_bytes(int dirfd, byte* path, int flags, uint mode);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    internal static partial long openat2_bytes(long number, nint dirfd, byte* path, open_how* how, nuint size);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_statx_bytes(long number, nint dirfd, byte* path, nint flags, nuint mask, statx_t* buffer);

    internal static int statx_bytes(int dirfd, byte* path, int flags, uint mask, statx_t* buffer) => (int)syscall_statx_bytes(s_statx, dirfd, path, flags, mask, buffer);

    [LibraryImport(Libc, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int mkdirat_bytes(int dirfd, byte* path, uint mode);

    [LibraryImport(Libc, EntryPoint = "mknodat", SetLastError = true)]
    internal static partial int mknodat_bytes(int dirfd, byte* path, uint mode, ulong device);

    [LibraryImport(Libc, EntryPoint = "symlinkat", SetLastError = true)]
    internal static partial int symlinkat_bytes(byte* target, int dirfd, byte* path);

    [LibraryImport(Libc, EntryPoint = "linkat", SetLastError = true)]
    internal static partial int linkat_bytes(int olddirfd, byte* oldpath, int newdirfd, byte* newpath, int flags);

    [LibraryImport(Libc, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int unlinkat_bytes(int dirfd, byte* path, int flags);

    [LibraryImport(Libc, EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint readlinkat_bytes(int dirfd, byte* path, byte* buffer, nuint size);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_renameat2_bytes(long number, nint olddirfd, byte* oldpath, nint newdirfd, byte* newpath, nuint flags);

    internal static int renameat2_bytes(int olddirfd, byte* oldpath, int newdirfd, byte* newpath, uint flags) =>
        (int)syscall_renameat2_bytes(s_renameat2, olddirfd, oldpath, newdirfd, newpath, flags);

    [LibraryImport(Libc, EntryPoint = "fchownat", SetLastError = true)]
    internal static partial int fchownat_bytes(int dirfd, byte* path, uint owner, uint group, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/chmod.2.html">chmod(2)</see>; only for /proc/self/fd paths.</summary>
    [LibraryImport(Libc, EntryPoint = "chmod", SetLastError = true)]
    internal static partial int chmod_bytes(byte* path, uint mode);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/utimensat.2.html">utimensat(2)</see></summary>
    [LibraryImport(Libc, EntryPoint = "utimensat", SetLastError = true)]
    internal static partial int utimensat_bytes(int dirfd, byte* path, file_timespec* times, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man3/futimens.3.html">futimens(3)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int futimens(int fd, file_timespec* times);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setxattr.2.html">fsetxattr(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int fsetxattr(int fd, byte* name, byte* value, nuint size, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setxattr.2.html">lsetxattr(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int lsetxattr(byte* path, byte* name, byte* value, nuint size, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/getxattr.2.html">lgetxattr(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint lgetxattr(byte* path, byte* name, byte* value, nuint size);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/listxattr.2.html">llistxattr(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint llistxattr(byte* path, byte* list, nuint size);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/getdents.2.html">getdents64(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint getdents64(int fd, byte* buffer, nuint size);

    /// <summary>Begin to write, without waiting.</summary>
    internal const uint SYNC_FILE_RANGE_WRITE = 2;

    /// <summary><see href="https://man7.org/linux/man-pages/man2/sync_file_range.2.html">sync_file_range(2)</see>; length 0: to the end</summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int sync_file_range(int fd, long offset, long length, uint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/syncfs.2.html">syncfs(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int syncfs(int fd);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/copy_file_range.2.html">copy_file_range(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint copy_file_range(int source, long* sourceOffset, int target, long* targetOffset, nuint count, uint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setxattr.2.html">setxattr(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int setxattr(string path, string name, byte* value, nuint size, int flags);
}
