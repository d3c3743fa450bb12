using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

internal static unsafe partial class Sys
{
    /// <summary>Drop the pages of a range; what a file stands behind is read from it again when touched.</summary>
    internal const int MADV_DONTNEED = 4;

    /// <summary><see href="https://man7.org/linux/man-pages/man2/madvise.2.html">madvise(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int madvise(nuint address, nuint length, int advice);

    /// <summary><see href="https://man7.org/linux/man-pages/man3/malloc_trim.3.html">malloc_trim(3)</see></summary>
    [LibraryImport(Libc)]
    internal static partial int malloc_trim(nuint pad);
}
