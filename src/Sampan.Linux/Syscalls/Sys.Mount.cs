using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;sys/mount.h&gt;, the old calls and those by descriptor.</summary>
internal static unsafe partial class Sys
{
    internal const ulong MS_RDONLY = 1;
    internal const ulong MS_NOSUID = 2;
    internal const ulong MS_NODEV = 4;
    internal const ulong MS_NOEXEC = 8;
    internal const ulong MS_SYNCHRONOUS = 16;
    internal const ulong MS_DIRSYNC = 128;
    internal const ulong MS_LAZYTIME = 1 << 25;
    internal const ulong MS_REC = 16384;
    internal const ulong MS_UNBINDABLE = 1 << 17;
    internal const ulong MS_PRIVATE = 1 << 18;
    internal const ulong MS_SLAVE = 1 << 19;
    internal const ulong MS_SHARED = 1 << 20;
    internal const int MNT_DETACH = 2;

    internal const uint OPEN_TREE_CLONE = 1;
    internal const uint OPEN_TREE_CLOEXEC = 0x80000;
    internal const uint AT_RECURSIVE = 0x8000;
    internal const uint MOVE_MOUNT_F_EMPTY_PATH = 4;
    internal const uint MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    internal const uint FSOPEN_CLOEXEC = 1;
    internal const uint FSMOUNT_CLOEXEC = 1;
    internal const uint FSCONFIG_SET_FLAG = 0;
    internal const uint FSCONFIG_SET_STRING = 1;
    internal const uint FSCONFIG_CMD_CREATE = 6;
    internal const uint FSCONFIG_CMD_RECONFIGURE = 7;
    internal const ulong MOUNT_ATTR_IDMAP = 0x100000;
    internal const uint FSPICK_CLOEXEC = 1;
    internal const uint FSPICK_EMPTY_PATH = 8;

    internal const long SYS_open_tree = 428;
    private const long SYS_move_mount = 429;
    private const long SYS_fsopen = 430;
    private const long SYS_fsconfig = 431;
    private const long SYS_fsmount = 432;
    private const long SYS_fspick = 433;
    internal const long SYS_mount_setattr = 442;
    private static readonly long s_pivot_root = Number(155, 41);

    /// <summary><c>struct mount_attr</c>, 32 bytes</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MountAttr
    {
        internal ulong Set;
        internal ulong Clear;
        internal ulong Propagation;
        internal ulong UserNamespace;
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/mount.2.html">mount(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mount(string? source, string target, string? type, ulong flags, string? data);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/umount.2.html">umount2(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int umount2(string target, int flags);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long syscall_pivot_root(long number, string newRoot, string putOld);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/pivot_root.2.html">pivot_root(2)</see></summary>
    internal static int pivot_root(string newRoot, string putOld) => (int)syscall_pivot_root(s_pivot_root, newRoot, putOld);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long syscall_open_tree(long number, nint directory, string path, nuint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/open_tree.2.html">open_tree(2)</see></summary>
    internal static int open_tree(int directory, string path, uint flags) =>
        (int)syscall_open_tree(SYS_open_tree, directory, path, flags | OPEN_TREE_CLOEXEC);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long syscall_move_mount(long number, nint fromDirectory, string from, nint toDirectory, string to, nuint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/move_mount.2.html">move_mount(2)</see> from one descriptor onto another.</summary>
    internal static int move_mount(int from, int to) =>
        (int)syscall_move_mount(SYS_move_mount, from, "", to, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long syscall_fsopen(long number, string type, nuint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fsopen.2.html">fsopen(2)</see></summary>
    internal static int fsopen(string type) => (int)syscall_fsopen(SYS_fsopen, type, FSOPEN_CLOEXEC);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long syscall_fsconfig(long number, nint context, nuint command, string? key, string? value, nint auxiliary);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fsconfig.2.html">fsconfig(2)</see></summary>
    internal static int fsconfig(int context, uint command, string? key, string? value) =>
        (int)syscall_fsconfig(SYS_fsconfig, context, command, key, value, 0);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long syscall_fspick(long number, nint directory, string path, nuint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fspick.2.html">fspick(2)</see> of an open mount.</summary>
    internal static int fspick(int mount) => (int)syscall_fspick(SYS_fspick, mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_fsmount(long number, nint context, nuint flags, nuint attributes);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fsmount.2.html">fsmount(2)</see></summary>
    internal static int fsmount(int context, ulong attributes) =>
        (int)syscall_fsmount(SYS_fsmount, context, FSMOUNT_CLOEXEC, (nuint)attributes);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long syscall_mount_setattr(long number, nint directory, string path, nuint flags, MountAttr* attr, nuint size);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/mount_setattr.2.html">mount_setattr(2)</see> on an open mount.</summary>
    internal static int mount_setattr(int mount, uint flags, MountAttr* attr) =>
        (int)syscall_mount_setattr(SYS_mount_setattr, mount, "", flags | AT_EMPTY_PATH, attr, (nuint)sizeof(MountAttr));

    /// <summary><see href="https://man7.org/linux/man-pages/man2/chroot.2.html">chroot(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int chroot(string path);
}
