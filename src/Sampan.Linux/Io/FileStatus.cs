using System.Globalization;
using Sampan.Linux.Files;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>What <see href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</see> says about a file.</summary>
public readonly record struct FileStatus
{
    /// <summary>The kind of file.</summary>
    public required FileKind Kind { get; init; }

    /// <summary>Permission bits with set-uid, set-gid and sticky.</summary>
    public required UnixFileMode Mode { get; init; }

    /// <summary>Owning user.</summary>
    public required uint Uid { get; init; }

    /// <summary>Owning group.</summary>
    public required uint Gid { get; init; }

    /// <summary>Size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Allocated space in bytes.</summary>
    public required long AllocatedSize { get; init; }

    /// <summary>Number of hard links.</summary>
    public required uint LinkCount { get; init; }

    /// <summary>Inode number.</summary>
    public required ulong Inode { get; init; }

    /// <summary>The file system's device number.</summary>
    public required DeviceNumber FileSystem { get; init; }

    /// <summary>Which device this file is, for device nodes.</summary>
    public required DeviceNumber Device { get; init; }

    /// <summary>Last change of the content.</summary>
    public required DateTimeOffset Modified { get; init; }

    /// <summary>Last change of the content, to the nanosecond.</summary>
    public required FileTime ModifiedTime { get; init; }

    /// <summary>Last change of the content or of what this says about it, to the nanosecond.</summary>
    public FileTime ChangedTime { get; init; }

    /// <summary>The mount the file is on, as in /proc/PID/mountinfo; 0 if the kernel is older than 5.8.</summary>
    public required ulong MountId { get; init; }

    /// <summary>True if both describe one file.</summary>
    public bool IsSameFile(in FileStatus other) => Inode == other.Inode && FileSystem == other.FileSystem;

    /// <summary>Which file this is, and which content it has as far as times tell: file system, inode, size, and both times to the nanosecond.</summary>
    public string Fingerprint => string.Create(
        CultureInfo.InvariantCulture,
        $"{FileSystem.Major}:{FileSystem.Minor}:{Inode}:{Size}:{ModifiedTime.Seconds}.{ModifiedTime.Nanoseconds}:{ChangedTime.Seconds}.{ChangedTime.Nanoseconds}");

    /// <summary>Status of an open file.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FileStatus Of(SafeFd fd)
    {
        ArgumentNullException.ThrowIfNull(fd);
        return TryRead(fd.Number, "", Sys.AT_EMPTY_PATH, out var status) ? status : throw new LinuxException("stat", Sys.LastErrno, $"descriptor {fd.Number}");
    }

    /// <summary>Status of what a path leads to.</summary>
    /// <param name="path">Links in it are followed.</param>
    /// <param name="status">What was found.</param>
    /// <returns>False when there is nothing, or it is not to be seen.</returns>
    public static bool TryOf(string path, out FileStatus status) => TryRead(Sys.AT_FDCWD, path, 0, out status);

    internal static unsafe bool TryRead(int dirfd, string path, int flags, out FileStatus status)
    {
        Sys.statx_t raw;
        if (Sys.statx(dirfd, path, flags, Sys.STATX_BASIC_STATS | Sys.STATX_MNT_ID, &raw) != 0)
        {
            status = default;
            return false;
        }

        status = From(raw);
        return true;
    }

    internal static unsafe bool TryRead(int dirfd, byte* path, int flags, out FileStatus status)
    {
        Sys.statx_t raw;
        var found = Sys.statx_bytes(dirfd, path, flags, Sys.STATX_BASIC_STATS | Sys.STATX_MNT_ID, &raw) == 0;
        status = found ? From(raw) : default;
        return found;
    }

    private static FileStatus From(in Sys.statx_t raw) => new()
    {
        Kind = (FileKind)(raw.stx_mode & 0xf000),
        Mode = (UnixFileMode)(raw.stx_mode & 0xfff),
        Uid = raw.stx_uid,
        Gid = raw.stx_gid,
        Size = (long)raw.stx_size,
        AllocatedSize = (long)raw.stx_blocks * 512,
        LinkCount = raw.stx_nlink,
        Inode = raw.stx_ino,
        FileSystem = new DeviceNumber(raw.stx_dev_major, raw.stx_dev_minor),
        Device = new DeviceNumber(raw.stx_rdev_major, raw.stx_rdev_minor),
        Modified = ToTime(raw.stx_mtime),
        ModifiedTime = new FileTime(raw.stx_mtime.tv_sec, (int)raw.stx_mtime.tv_nsec),
        ChangedTime = new FileTime(raw.stx_ctime.tv_sec, (int)raw.stx_ctime.tv_nsec),
        MountId = (raw.stx_mask & Sys.STATX_MNT_ID) != 0 ? raw.stx_mnt_id : 0,
    };

    // A file system may hold a time that .NET cannot: it is shown as the nearest one.
    private static DateTimeOffset ToTime(in Sys.statx_timestamp time)
    {
        var seconds = Math.Clamp(time.tv_sec, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(time.tv_nsec / 100);
    }
}
