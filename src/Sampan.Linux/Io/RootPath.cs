using System.Text;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>
/// A directory that paths are resolved beneath, as if it were <c>/</c>: <c>..</c> stops at it, absolute symbolic links start at it,
/// links of /proc that jump elsewhere are refused. The kernel does it
/// (<see href="https://man7.org/linux/man-pages/man2/openat2.2.html">openat2(2)</see>, RESOLVE_IN_ROOT), so somebody who exchanges
/// directories for links meanwhile gains nothing (CVE-2018-15664, CVE-2021-30465, CVE-2024-45310).
/// What is made or changed is addressed by the descriptor of its parent and one plain name.
/// </summary>
/// <remarks>Thread-safe while not disposed. Paths may begin with a slash or not; both mean the root.</remarks>
public sealed partial class RootPath : IDisposable
{
    // A rename anywhere in the tree may make the kernel answer EAGAIN for ".." components; an attacker must not hold us here for ever.
    private const int MaxRetries = 256;

    private const ulong Resolve = Sys.RESOLVE_IN_ROOT | Sys.RESOLVE_NO_MAGICLINKS;

    private readonly SafeFd _root;

    private RootPath(SafeFd root, string name)
    {
        _root = root;
        Name = name;
    }

    /// <summary>How the root was named when it was opened: for messages only.</summary>
    public string Name { get; }

    /// <summary>The root directory itself; belongs to this object.</summary>
    public SafeFd Descriptor => _root;

    /// <summary>Opens a directory of the host as a root. Its own path is trusted and follows links.</summary>
    /// <exception cref="LinuxException">It is not there or not a directory.</exception>
    public static RootPath Open(string directory) =>
        new(new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, directory, OpenFlags.Path | OpenFlags.Directory), "open directory", directory)), directory);

    /// <summary>Makes a root of an open directory and takes the descriptor over.</summary>
    /// <param name="directory">An open directory; O_PATH is enough.</param>
    /// <param name="name">What to call it in messages.</param>
    public static RootPath FromDescriptor(SafeFd directory, string name) => new(directory, name);

    /// <summary>Opens a file; with <see cref="OpenFlags.Create"/> makes it.</summary>
    /// <param name="path">Path beneath the root.</param>
    /// <param name="flags">Access and how; close-on-exec is always added.</param>
    /// <param name="mode">Permissions of a file that is made, less the umask.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public SafeFd OpenFile(string path, OpenFlags flags, UnixFileMode mode = 0) =>
        TryOpen(path, flags, mode, out var fd, out var errno) ? fd : throw Failure("open", errno, path);

    /// <summary>Opens a directory for reading its entries.</summary>
    /// <exception cref="LinuxException">It is not there or not a directory.</exception>
    public SafeFd OpenDirectory(string path) => OpenFile(path, OpenFlags.ReadOnly | OpenFlags.Directory);

    /// <summary>Opens a file if it can be opened.</summary>
    /// <param name="path">Path beneath the root.</param>
    /// <param name="flags">Access and how.</param>
    /// <param name="fd">The open file, or null.</param>
    /// <param name="errno">Why not, or <see cref="Errno.None"/>.</param>
    public bool TryOpen(string path, OpenFlags flags, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SafeFd? fd, out Errno errno) =>
        TryOpen(path, flags, 0, out fd, out errno);

    /// <summary>Status of a file.</summary>
    /// <param name="path">Path beneath the root.</param>
    /// <param name="followLast">Whether a symbolic link at the end is followed.</param>
    /// <exception cref="LinuxException">It is not there.</exception>
    public FileStatus Stat(string path, bool followLast = false) =>
        TryStat(path, out var status, out var errno, followLast) ? status : throw Failure("stat", errno, path);

    /// <summary>Status of a file, if it is there.</summary>
    public bool TryStat(string path, out FileStatus status, out Errno errno, bool followLast = false)
    {
        status = default;
        if (!TryOpen(path, OpenFlags.Path | (followLast ? 0 : OpenFlags.NoFollow), 0, out var fd, out errno))
            return false;

        using (fd)
        {
            if (FileStatus.TryRead(fd.Number, "", Sys.AT_EMPTY_PATH, out status))
                return true;
            errno = Sys.LastErrno;
            return false;
        }
    }

    /// <summary>Where a symbolic link points to, as it is written.</summary>
    /// <exception cref="LinuxException">It is not there or no link.</exception>
    public unsafe string ReadLink(string path)
    {
        using var link = OpenFile(path, OpenFlags.Path | OpenFlags.NoFollow);
        var buffer = stackalloc byte[4096]; // PATH_MAX
        var length = Sys.readlinkat(link.Number, "", buffer, 4096);
        return length >= 0 ? Encoding.UTF8.GetString(buffer, (int)length) : throw Failure("read link", Sys.LastErrno, path);
    }

    /// <summary>Reads a whole small file.</summary>
    /// <param name="path">Path beneath the root; links are followed inside the root.</param>
    /// <param name="maxBytes">More than that is an error (EFBIG), not a truncation.</param>
    /// <exception cref="LinuxException">It is not there, no regular file (EINVAL), or too large.</exception>
    public byte[] ReadFile(string path, int maxBytes)
    {
        // Without O_NONBLOCK a fifo in the place of the file would hold us for ever.
        using var file = OpenFile(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal);
        if (FileStatus.Of(file).Kind != FileKind.Regular)
            throw Failure("read file", Errno.EINVAL, path);
        return SmallFile.TryRead(file.Number, maxBytes, out var content, out var errno) ? content : throw Failure("read file", errno, path);
    }

    /// <summary>Closes the root.</summary>
    public void Dispose() => _root.Dispose();

    private bool TryOpen(string path, OpenFlags flags, UnixFileMode mode, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SafeFd? fd, out Errno errno)
    {
        fd = null;
        if (path.Contains('\0'))
        {
            errno = Errno.EINVAL;
            return false;
        }

        // openat2 refuses a mode without O_CREAT.
        var kernelMode = flags.HasFlag(OpenFlags.Create) ? (uint)mode : 0;
        var target = path.Length == 0 ? "." : path;
        for (var attempt = 0; ; attempt++)
        {
            var number = Sys.openat2(_root.Number, target, flags, kernelMode, Resolve);
            if (number >= 0)
            {
                fd = new SafeFd(number);
                errno = Errno.None;
                return true;
            }

            errno = Sys.LastErrno;
            if (errno is not (Errno.EAGAIN or Errno.EINTR) || attempt == MaxRetries)
                return false;
        }
    }

    private string Describe(string path) => Name + "/" + path.TrimStart('/');

    private LinuxException Failure(string act, Errno errno, string path) => new(act, errno, Describe(path));
}
