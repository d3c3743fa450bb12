using System.Buffers.Binary;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Mounts;

/// <summary>
/// Limits what a directory with all below it may hold, on file systems with project quotas: ext4 and xfs mounted with <c>prjquota</c>
/// (<see href="https://man7.org/linux/man-pages/man2/quotactl.2.html">quotactl(2)</see>).
/// </summary>
public static unsafe class ProjectQuota
{
    private const nuint GetAttributes = 0x801c581f; // FS_IOC_FSGETXATTR
    private const nuint SetAttributes = 0x401c5820; // FS_IOC_FSSETXATTR
    private const int AttributeBytes = 28; // struct fsxattr: flags, extent size, extents, project, copy-on-write extent size, 8 bytes of reserve
    private const int ProjectOffset = 12;
    private const uint Inherit = 0x200; // FS_XFLAG_PROJINHERIT
    private const int BlockLimits = 1; // QIF_BLIMITS

    /// <summary>Makes a directory a project with a limit; what is made in it belongs to it.</summary>
    /// <param name="directory">An open, empty directory.</param>
    /// <param name="project">The project's number; nobody else's.</param>
    /// <param name="bytes">The limit; the kernel counts in KiB.</param>
    /// <exception cref="LinuxException">The file system has no project quotas, or does not enforce them.</exception>
    public static void Set(SafeFd directory, uint project, long bytes)
    {
        Limit(directory, project, bytes);
        var attributes = stackalloc byte[AttributeBytes];
        Sys.Check(Sys.ioctl(directory.Number, GetAttributes, (nint)attributes), "read the project of", directory.ProcPath);
        var fields = new Span<byte>(attributes, AttributeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(fields, BinaryPrimitives.ReadUInt32LittleEndian(fields) | Inherit);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[ProjectOffset..], project);
        Sys.Check(Sys.ioctl(directory.Number, SetAttributes, (nint)attributes), "set the project of", directory.ProcPath);
    }

    /// <summary>Takes the limit of a project away, so that its number can be used again.</summary>
    /// <param name="directory">A path of the same file system.</param>
    /// <param name="project">The project's number.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Clear(string directory, uint project)
    {
        using var place = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, directory, OpenFlags.ReadOnly | OpenFlags.Directory), "open directory", directory));
        Limit(place, project, 0);
    }

    private static void Limit(SafeFd directory, uint project, long bytes)
    {
        // struct if_dqblk: hard and soft limit in KiB, use, hard and soft limit of inodes, use, two times, which of them count.
        var limits = stackalloc ulong[9];
        new Span<ulong>(limits, 9).Clear();
        limits[0] = limits[1] = (ulong)((bytes + 1023) / 1024);
        limits[8] = BlockLimits;
        Sys.Check(Sys.quotactl_fd(directory.Number, Sys.Q_SETQUOTA << 8 | Sys.PRJQUOTA, project, limits), "limit the size of", directory.ProcPath);
    }
}
