using System.Text;
using Sampan.Linux.Processes;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Files that are either wholly the old or wholly the new content, also after a crash.</summary>
public static class AtomicFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static long _sequence;

    /// <summary>Writes a file: temporary name beside it, content, sync, rename, sync of the directory. Thread-safe; the last writer wins.</summary>
    /// <param name="path">The file; its directory must be there.</param>
    /// <param name="content">The whole new content.</param>
    /// <param name="mode">Permissions of the new file, whatever the umask.</param>
    /// <param name="durable">False for files on tmpfs and others that need not survive a power cut: nothing is synced.</param>
    /// <exception cref="LinuxException">The kernel refused; the old content is still there and no temporary file is left.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly, bool durable = true)
    {
        var (directory, name) = Split(path);
        using var parent = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, directory, OpenFlags.Path | OpenFlags.Directory), "open directory", directory));
        WriteAt(parent, name, path, content, mode, durable);
    }

    /// <summary>As <see cref="Write(string, ReadOnlySpan{byte}, UnixFileMode, bool)"/>, with text in UTF-8.</summary>
    /// <exception cref="LinuxException">As above.</exception>
    public static void Write(string path, string content, UnixFileMode mode = OwnerOnly, bool durable = true) =>
        Write(path, Encoding.UTF8.GetBytes(content), mode, durable);

    /// <summary>
    /// Writes a file that was not there, for the owner alone, with one flush instead of two: the file's own, after the rename, which takes the
    /// name along on journaling file systems (ext4, xfs, btrfs). If the machine stops before, the file is missing or empty.
    /// </summary>
    /// <param name="path">The file; its directory must be there.</param>
    /// <param name="content">The whole content.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void WriteFirst(string path, ReadOnlySpan<byte> content)
    {
        Write(path, content, OwnerOnly, durable: false);
        using var file = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, path, OpenFlags.ReadOnly), "open file", path));
        Sys.Check(Sys.fsync(file.Number), "sync file", path);
    }

    /// <summary>Removes what a process that died while it wrote left in a directory. Nobody may be writing there.</summary>
    /// <param name="directory">The directory.</param>
    public static void RemoveLeftovers(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory, ".*.tmp"))
            File.Delete(file);
    }

    private static void WriteAt(SafeFd parent, string name, string path, ReadOnlySpan<byte> content, UnixFileMode mode, bool durable)
    {
        // The name tells whose it is, so that a leftover of a crashed process can be recognised and removed.
        var temporary = $".{name}.{Environment.ProcessId:x}-{Interlocked.Increment(ref _sequence):x}.tmp";
        const OpenFlags flags = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow;
        using (var file = new SafeFd(Sys.Check(Sys.openat(parent.Number, temporary, flags, (uint)OwnerOnly), "create file", temporary)))
        {
            var isFilled = TryFill(file, content, mode, durable);
            if (isFilled)
                FailPoint.Changed("filled", path);
            if (!isFilled || Sys.renameat2(parent.Number, temporary, parent.Number, name, 0) != 0)
            {
                var errno = Sys.LastErrno;
                _ = Sys.unlinkat(parent.Number, temporary, 0); // the first failure is the one to tell
                throw new LinuxException("write file", errno, name);
            }
        }

        FailPoint.Changed("written", path);
        if (durable)
            SyncDirectory(parent);
    }

    private static bool TryFill(SafeFd file, ReadOnlySpan<byte> content, UnixFileMode mode, bool durable) =>
        Sys.WriteAll(file.Number, content) == 0
        && Sys.fchmod(file.Number, (uint)mode) == 0
        && (!durable || Sys.fsync(file.Number) == 0);

    // A descriptor opened with O_PATH cannot be synced: open it once more.
    private static void SyncDirectory(SafeFd parent)
    {
        using var readable = new SafeFd(Sys.Check(Sys.openat(parent.Number, ".", OpenFlags.ReadOnly | OpenFlags.Directory), "open directory", parent.ProcPath));
        Sys.Check(Sys.fsync(readable.Number), "sync directory", parent.ProcPath);
    }

    private static (string Directory, string Name) Split(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var name = Path.GetFileName(path);
        if (name is "" or "." or ".." || path.Contains('\0'))
            throw new LinuxException("write file", Errno.EINVAL, path);
        var directory = Path.GetDirectoryName(path);
        return (string.IsNullOrEmpty(directory) ? "." : directory, name);
    }
}
