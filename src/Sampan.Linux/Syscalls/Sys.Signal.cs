using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;signal.h&gt;, &lt;sys/signalfd.h&gt;</summary>
internal static unsafe partial class Sys
{
    internal const int SIG_BLOCK = 0;
    internal const int SIG_SETMASK = 2;
    internal const int SFD_NONBLOCK = 0x800;
    internal const int SFD_CLOEXEC = 0x80000;

    /// <summary><c>struct signalfd_siginfo</c>: its first members; 128 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    internal struct SignalInfo
    {
        internal uint Signal;
        internal int Errno;
        internal int Code;
        internal uint Pid;
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man3/pthread_sigmask.3.html">pthread_sigmask(3)</see>; returns the error number.</summary>
    [LibraryImport(Libc)]
    internal static partial int pthread_sigmask(int how, SignalSet* set, SignalSet* old);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/signalfd.2.html">signalfd(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int signalfd(int fd, SignalSet* mask, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/sigwaitinfo.2.html">sigwaitinfo(2)</see>; the structure is 128 bytes.</summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int sigwaitinfo(SignalSet* set, WaitInfo* info);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/sigaction.2.html">sigaction(2)</see>; glibc's structure is 152 bytes, all zero means the default disposition.</summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int sigaction(int signal, void* action, void* old);

    private static readonly long s_rt_sigaction = Number(13, 134);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_rt_sigaction(long number, nint signal, void* action, void* old, nuint maskSize);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/sigaction.2.html">rt_sigaction(2)</see> as the kernel has it: 32 bytes, all zero means the default disposition. It takes libc's own two signals as well.</summary>
    internal static int rt_sigaction(int signal, void* action) => (int)syscall_rt_sigaction(s_rt_sigaction, signal, action, null, 8);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/kill.2.html">kill(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int kill(int pid, int signal);
}
