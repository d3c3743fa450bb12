using System.Text;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Files;

/// <summary>Content, owner, permissions, times and extended attributes of an open file.</summary>
public static unsafe class OpenFileMetadata
{
    /// <summary>Writes all of <paramref name="content"/> at the file's position.</summary>
    /// <exception cref="LinuxException">The kernel refused, for example ENOSPC.</exception>
    public static void Write(this SafeFd file, ReadOnlySpan<byte> content) => Sys.Check(Sys.WriteAll(file.Number, content), "write file");

    /// <summary>Reads at the file's position; 0 at its end.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static int Read(this SafeFd file, Span<byte> buffer) => (int)Sys.Check(Sys.ReadSome(file.Number, buffer), "read file");

    /// <summary>Moves the file's position forward: what is passed over stays a hole.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Skip(this SafeFd file, long bytes) => Sys.Check(Sys.lseek(file.Number, bytes, 1 /* SEEK_CUR */), "move in file");

    /// <summary>Sets the size; what is added is a hole.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetSize(this SafeFd file, long size) => Sys.Check(Sys.ftruncate(file.Number, size), "set size of file");

    /// <summary>Sets owner and group. The kernel clears set-uid bits and file capabilities: set those afterwards.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetOwner(this SafeFd file, uint uid, uint gid) => Sys.Check(Sys.fchown(file.Number, uid, gid), "change owner");

    /// <summary>Sets the permissions, whatever the umask.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetMode(this SafeFd file, UnixFileMode mode) => Sys.Check(Sys.fchmod(file.Number, (uint)mode), "change permissions");

    /// <summary>Sets the time of the last change; the time of last access stays.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetModified(this SafeFd file, FileTime time)
    {
        var times = stackalloc Sys.file_timespec[2];
        Fill(times, time);
        Sys.Check(Sys.futimens(file.Number, times), "set times");
    }

    /// <summary>Sets an extended attribute.</summary>
    /// <returns><see cref="Errno.None"/>, or why not: the caller knows which attributes matter.</returns>
    public static Errno TrySetAttribute(this SafeFd file, string attribute, ReadOnlySpan<byte> value)
    {
        var attributeName = Encoding.UTF8.GetBytes(attribute + "\0");
        fixed (byte* attributeBytes = attributeName)
        fixed (byte* valueBytes = value)
            return Sys.fsetxattr(file.Number, attributeBytes, valueBytes, (nuint)value.Length, 0) == 0 ? Errno.None : Sys.LastErrno;
    }

    /// <summary>Copies the rest of <paramref name="source"/>, inside the kernel where the file system can.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void CopyFrom(this SafeFd target, SafeFd source)
    {
        const int Step = 1 << 30;
        while (true)
        {
            var count = Sys.copy_file_range(source.Number, null, target.Number, null, Step, 0);
            if (count == 0)
                return;
            if (count < 0)
                break;
        }
        if (Sys.LastErrno is not (Errno.EXDEV or Errno.EINVAL or Errno.ENOSYS or Errno.EOPNOTSUPP))
            throw new LinuxException("copy file", Sys.LastErrno);
        var buffer = new byte[128 * 1024];
        for (int read; (read = source.Read(buffer)) > 0;)
            target.Write(buffer.AsSpan(0, read));
    }

    /// <summary>Waits until the file's content is on disk.</summary>
    /// <exception cref="LinuxException">The kernel refused: content may be lost.</exception>
    public static void Sync(this SafeFd file) => Sys.Check(Sys.fsync(file.Number), "sync file");

    /// <summary>
    /// Has the kernel begin to write the file's content to disk, without waiting: whoever flushes later waits less. Only a hint, so it does
    /// not fail; what goes wrong is told to whoever flushes.
    /// </summary>
    public static void StartWriting(this SafeFileHandle file)
    {
        var held = false;
        try
        {
            file.DangerousAddRef(ref held);
            _ = Sys.sync_file_range((int)file.DangerousGetHandle(), 0, 0, Sys.SYNC_FILE_RANGE_WRITE);
        }
        finally
        {
            if (held)
                file.DangerousRelease();
        }
    }

    /// <summary>Waits until all changes of the file system that holds the file are on disk: one call for thousands of files.</summary>
    /// <exception cref="LinuxException">The kernel refused: content may be lost.</exception>
    public static void SyncFileSystem(this SafeFd file) => Sys.Check(Sys.syncfs(file.Number), "sync file system");

    /// <summary>The magic number of the file system that holds the file, as <see href="https://man7.org/linux/man-pages/man2/statfs.2.html">statfs(2)</see> lists them: 0xef53 is ext4, 0x794c7630 overlayfs.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static long FileSystemMagic(this SafeFd file)
    {
        Sys.FileSystemInfo info;
        Sys.Check(Sys.fstatfs(file.Number, &info), "inspect file system");
        return (long)info.Type;
    }

    internal static void Fill(Sys.file_timespec* times, FileTime time)
    {
        times[0] = new Sys.file_timespec { tv_nsec = Sys.UTIME_OMIT };
        times[1] = new Sys.file_timespec { tv_sec = time.Seconds, tv_nsec = time.Nanoseconds };
    }
}
