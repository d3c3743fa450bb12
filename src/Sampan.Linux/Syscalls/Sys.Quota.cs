using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;sys/quota.h&gt;</summary>
internal static unsafe partial class Sys
{
    internal const uint Q_SETQUOTA = 0x800008;
    internal const uint PRJQUOTA = 2;

    private const long SYS_quotactl_fd = 443; // Linux 5.14

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_quotactl_fd(long number, nint fd, nuint command, nuint id, void* address);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/quotactl_fd.2.html">quotactl_fd(2)</see></summary>
    internal static int quotactl_fd(int fd, uint command, uint id, void* address) =>
        (int)syscall_quotactl_fd(SYS_quotactl_fd, fd, command, id, address);
}
