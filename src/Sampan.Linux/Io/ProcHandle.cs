using System.Text;
using Sampan.Linux.Mounts;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>
/// A private instance of procfs that nobody can mount over. What is written through it reaches the file that was meant, not one that somebody
/// put in its place (CVE-2019-16884, CVE-2025-52881).
/// </summary>
public sealed class ProcHandle : IDisposable
{
    private readonly MountTree _proc;

    private ProcHandle(MountTree proc) => _proc = proc;

    /// <summary>Makes an instance for the pid namespace of the calling process.</summary>
    /// <exception cref="LinuxException">The caller may not mount.</exception>
    public static ProcHandle Open() => new(MountTree.Create("proc", "proc", [], MountAttributes.NoSetUid | MountAttributes.NoDevices | MountAttributes.NoExec));

    /// <summary>Writes a file, for example <c>sys/net/ipv4/ip_forward</c>.</summary>
    /// <exception cref="LinuxException">There is no such file, or the kernel refused the value.</exception>
    public void Write(string path, string value)
    {
        using var file = Open(path, OpenFlags.WriteOnly);
        Sys.Check(Sys.WriteAll(file.Number, Encoding.UTF8.GetBytes(value)), $"write '{value}' to", "/proc/" + path);
    }

    /// <summary>Opens a file or directory of this instance; no link is followed, no mount is crossed.</summary>
    /// <exception cref="LinuxException">There is no such file.</exception>
    public SafeFd Open(string path, OpenFlags flags)
    {
        const ulong Resolve = Sys.RESOLVE_BENEATH | Sys.RESOLVE_NO_XDEV | Sys.RESOLVE_NO_MAGICLINKS | Sys.RESOLVE_NO_SYMLINKS;
        return new SafeFd(Sys.Check(Sys.openat2(_proc.Descriptor.Number, path, flags, 0, Resolve), "open", "/proc/" + path));
    }

    /// <summary>Throws unless the file lies in a procfs.</summary>
    /// <exception cref="LinuxException">EXDEV: it lies elsewhere.</exception>
    public static void RequireProc(SafeFd file, string path)
    {
        if (!IsProc(file, path))
            throw new LinuxException("trust, as it is not in procfs,", Errno.EXDEV, path);
    }

    /// <summary>True if the file lies in a procfs.</summary>
    /// <exception cref="LinuxException">The kernel refused to tell.</exception>
    public static unsafe bool IsProc(SafeFd file, string path)
    {
        Sys.FileSystemInfo info;
        Sys.Check(Sys.fstatfs(file.Number, &info), "inspect", path);
        return info.Type == Sys.PROC_SUPER_MAGIC;
    }

    /// <summary>Drops the instance.</summary>
    public void Dispose() => _proc.Dispose();
}
