using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;sys/wait.h&gt;, &lt;sys/pidfd.h&gt;</summary>
internal static unsafe partial class Sys
{
    internal const int P_ALL = 0;
    internal const int P_PID = 1;
    internal const int P_PIDFD = 3;
    internal const int WNOHANG = 1;
    internal const int WEXITED = 4;
    internal const int CLD_EXITED = 1;

    private const long SYS_pidfd_send_signal = 424;
    private const long SYS_pidfd_open = 434;
    private const long SYS_pidfd_getfd = 438;

    /// <summary><c>siginfo_t</c> as <c>waitid</c> fills it on 64-bit machines.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal struct WaitInfo
    {
        [FieldOffset(0)] internal int Signo;
        [FieldOffset(8)] internal int Code;
        [FieldOffset(16)] internal int Pid;
        [FieldOffset(20)] internal uint Uid;
        [FieldOffset(24)] internal int Status;
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/waitid.2.html">waitid(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int waitid(int idtype, int id, WaitInfo* info, int options);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_pidfd_open(long number, int pid, uint flags);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_pidfd_send_signal(long number, int pidfd, int signal, void* info, uint flags);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_pidfd_getfd(long number, int pidfd, int descriptor, uint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/pidfd_getfd.2.html">pidfd_getfd(2)</see>, since Linux 5.6; the descriptor is close-on-exec.</summary>
    internal static int pidfd_getfd(int pidfd, int descriptor) => (int)syscall_pidfd_getfd(SYS_pidfd_getfd, pidfd, descriptor, 0);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</see>; the descriptor is close-on-exec.</summary>
    internal static int pidfd_open(int pid, uint flags) => (int)syscall_pidfd_open(SYS_pidfd_open, pid, flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/pidfd_send_signal.2.html">pidfd_send_signal(2)</see></summary>
    internal static int pidfd_send_signal(int pidfd, int signal) =>
        (int)syscall_pidfd_send_signal(SYS_pidfd_send_signal, pidfd, signal, null, 0);
}
