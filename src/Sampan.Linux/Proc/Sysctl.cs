using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Proc;

/// <summary>
/// Kernel parameters below <c>/proc/sys</c>; those below <c>net</c> belong to the network namespace of the calling thread.
/// See <see href="https://man7.org/linux/man-pages/man5/proc_sys.5.html">proc_sys(5)</see>.
/// </summary>
public static class Sysctl
{
    private const int MaxBytes = 4096;

    /// <summary>The value without its line end, or null if this kernel has no such parameter.</summary>
    /// <param name="name">The path below <c>/proc/sys</c>, for example <c>net/ipv4/ip_forward</c>.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static string? Read(string name)
    {
        var fd = Sys.openat(Sys.AT_FDCWD, Path(name), OpenFlags.ReadOnly);
        if (fd < 0 && Sys.LastErrno == Errno.ENOENT)
            return null;
        using var file = new SafeFd(Sys.Check(fd, "open kernel parameter", name));
        Span<byte> buffer = stackalloc byte[MaxBytes];
        var count = (int)Sys.Check(Sys.ReadSome(file.Number, buffer), "read kernel parameter", name);
        return Encoding.UTF8.GetString(buffer[..count]).TrimEnd('\n');
    }

    /// <summary>Sets a parameter.</summary>
    /// <param name="name">As above.</param>
    /// <param name="value">The new value.</param>
    /// <returns>False if this kernel has no such parameter, as without IPv6.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool Write(string name, string value)
    {
        var fd = Sys.openat(Sys.AT_FDCWD, Path(name), OpenFlags.WriteOnly);
        if (fd < 0 && Sys.LastErrno == Errno.ENOENT)
            return false;
        using var file = new SafeFd(Sys.Check(fd, "open kernel parameter", name));
        Sys.Check(Sys.WriteAll(file.Number, Encoding.UTF8.GetBytes(value)), $"set kernel parameter to '{value}':", name);
        return true;
    }

    private static string Path(string name) => $"/proc/sys/{name}";
}
