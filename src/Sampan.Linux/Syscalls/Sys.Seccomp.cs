using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>linux/seccomp.h and linux/filter.h.</summary>
internal static unsafe partial class Sys
{
    internal const uint SECCOMP_SET_MODE_FILTER = 1;

    private static readonly long s_seccomp = Number(317, 277);

    /// <summary>struct sock_fprog; the compiler pads the length to a pointer.</summary>
    internal struct sock_fprog
    {
        internal ushort len;
        internal Seccomp.SeccompInstruction* filter;
    }

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_seccomp(long number, uint operation, uint flags, void* arguments);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/seccomp.2.html">seccomp(2)</see></summary>
    internal static int seccomp(uint operation, uint flags, void* arguments) => (int)syscall_seccomp(s_seccomp, operation, flags, arguments);
}
