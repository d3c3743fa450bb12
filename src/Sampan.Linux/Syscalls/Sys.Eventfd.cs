using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;sys/eventfd.h&gt;, and the group of &lt;unistd.h&gt;</summary>
internal static unsafe partial class Sys
{
    internal const int EFD_CLOEXEC = 0x80000;
    internal const int EFD_NONBLOCK = 0x800;

    /// <summary><see href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/getegid.2.html">getegid(2)</see></summary>
    [LibraryImport(Libc)]
    internal static partial uint getegid();
}
