using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>sys/stat.h and linux/stat.h.</summary>
internal static unsafe partial class Sys
{
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const uint STATX_MNT_ID = 0x1000;

    /// <summary>struct statx_timestamp.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct statx_timestamp
    {
        internal long tv_sec;
        internal uint tv_nsec;
        internal int reserved;
    }

    /// <summary>struct statx: 256 bytes, the same on every architecture, unlike struct stat.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct statx_t
    {
        [FieldOffset(0)] internal uint stx_mask;
        [FieldOffset(4)] internal uint stx_blksize;
        [FieldOffset(8)] internal ulong stx_attributes;
        [FieldOffset(16)] internal uint stx_nlink;
        [FieldOffset(20)] internal uint stx_uid;
        [FieldOffset(24)] internal uint stx_gid;
        [FieldOffset(28)] internal ushort stx_mode;
        [FieldOffset(32)] internal ulong stx_ino;
        [FieldOffset(40)] internal ulong stx_size;
        [FieldOffset(48)] internal ulong stx_blocks;
        [FieldOffset(56)] internal ulong stx_attributes_mask;
        [FieldOffset(64)] internal statx_timestamp stx_atime;
        [FieldOffset(80)] internal statx_timestamp stx_btime;
        [FieldOffset(96)] internal statx_timestamp stx_ctime;
        [FieldOffset(112)] internal statx_timestamp stx_mtime;
        [FieldOffset(128)] internal uint stx_rdev_major;
        [FieldOffset(132)] internal uint stx_rdev_minor;
        [FieldOffset(136)] internal uint stx_dev_major;
        [FieldOffset(140)] internal uint stx_dev_minor;
        [FieldOffset(144)] internal ulong stx_mnt_id;
    }

    // By number, like all calls that are younger than some C library that a program may be linked with.
    private static readonly long s_statx = Number(332, 291);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long syscall_statx(long number, nint dirfd, string path, nint flags, nuint mask, statx_t* buffer);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</see></summary>
    internal static int statx(int dirfd, string path, int flags, uint mask, statx_t* buffer) => (int)syscall_statx(s_statx, dirfd, path, flags, mask, buffer);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/mkdirat.2.html">mkdirat(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mkdirat(int dirfd, string path, uint mode);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/mknodat.2.html">mknodat(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mknodat(int dirfd, string path, uint mode, ulong device);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fchmod.2.html">fchmod(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int fchmod(int fd, uint mode);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fchmodat.2.html">fchmodat(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int fchmodat(int dirfd, string path, uint mode, int flags);

    /// <summary>Sets the permissions of the named file itself: a link that somebody put there meanwhile is not followed (CVE-2021-41089).</summary>
    internal static int ChangeModeNoFollow(int dirfd, string path, uint mode)
    {
        const long SYS_fchmodat2 = 452; // Linux 6.6; libc does without it through /proc
        if (fchmodat2_raw(SYS_fchmodat2, dirfd, path, mode, AT_SYMLINK_NOFOLLOW) == 0)
            return 0;
        return LastErrno is Errno.ENOSYS or Errno.EPERM ? fchmodat(dirfd, path, mode, AT_SYMLINK_NOFOLLOW) : -1;
    }

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long fchmodat2_raw(long number, nint dirfd, string path, nuint mode, nint flags);

    /// <summary>A device number as user space encodes it (glibc's makedev).</summary>
    internal static ulong makedev(uint major, uint minor) =>
        ((ulong)(major & 0xfffff000u) << 32) | ((ulong)(major & 0xfffu) << 8) | ((ulong)(minor & 0xffffff00u) << 12) | (minor & 0xffu);
}
