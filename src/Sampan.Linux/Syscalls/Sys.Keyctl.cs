using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;linux/keyctl.h&gt;</summary>
internal static unsafe partial class Sys
{
    internal const int KEYCTL_JOIN_SESSION_KEYRING = 1;
    internal const int KEYCTL_SETPERM = 5;
    internal const uint KEY_POS_ALL = 0x3f000000;
    internal const uint KEY_USR_VIEW = 0x00010000;
    internal const uint KEY_USR_READ = 0x00020000;
    internal const uint KEY_USR_SEARCH = 0x00080000;
    internal const uint KEY_USR_LINK = 0x00100000;
    internal const uint KEY_OTH_SEARCH = 0x00000008;

    private static readonly long s_keyctl = Number(250, 219);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_keyctl(long number, int operation, nuint first, nuint second);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/keyctl.2.html">keyctl(2)</see></summary>
    internal static long keyctl(int operation, nuint first, nuint second) => syscall_keyctl(s_keyctl, operation, first, second);
}
