using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>sys/file.h.</summary>
internal static unsafe partial class Sys
{
    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;

    /// <summary><see href="https://man7.org/linux/man-pages/man2/flock.2.html">flock(2)</see></summary>
    [LibraryImport(Libc, EntryPoint = "flock", SetLastError = true)]
    internal static partial int flock(int fd, int operation);
}
