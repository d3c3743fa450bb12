namespace Sampan.Linux.Mounts;

/// <summary>What a mount forbids or records, per mount and not per file system; the kernel's MOUNT_ATTR_ values. See <see href="https://man7.org/linux/man-pages/man2/mount_setattr.2.html">mount_setattr(2)</see>.</summary>
[Flags]
public enum MountAttributes : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>No writing.</summary>
    ReadOnly = 0x1,

    /// <summary>Set-user-id bits and file capabilities grant nothing.</summary>
    NoSetUid = 0x2,

    /// <summary>Device nodes do not work.</summary>
    NoDevices = 0x4,

    /// <summary>Programs do not run.</summary>
    NoExec = 0x8,

    /// <summary>Access times are never updated.</summary>
    NoAccessTime = 0x10,

    /// <summary>Access times are updated at every access.</summary>
    StrictAccessTime = 0x20,

    /// <summary>The three ways to treat access times: to be cleared before one of them is set.</summary>
    AccessTimeMask = 0x70,

    /// <summary>Access times of directories are never updated.</summary>
    NoDirectoryAccessTime = 0x80,

    /// <summary>Symbolic links are not followed.</summary>
    NoSymbolicLinks = 0x200000,
}
