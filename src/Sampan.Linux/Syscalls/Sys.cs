using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>
/// The kernel, one partial class, one file per header; names as the kernel has them.
/// Nothing outside <c>Sampan.Linux</c> declares an import.
/// </summary>
internal static unsafe partial class Sys
{
    /// <summary>libc; statically linked in <c>sampan-runtime</c>, dynamically elsewhere.</summary>
    private const string Libc = "libc";

    /// <summary><see href="https://man7.org/linux/man-pages/man2/close.2.html">close(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int close(int fd);

    /// <summary>The error number of the last failed call.</summary>
    internal static Errno LastErrno => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Throws what the kernel said when <paramref name="result"/> is negative.</summary>
    internal static int Check(int result, string call, string? operand = null) =>
        result >= 0 ? result : throw new LinuxException(call, LastErrno, operand);

    /// <inheritdoc cref="Check(int,string,string?)"/>
    internal static long Check(long result, string call, string? operand = null) =>
        result >= 0 ? result : throw new LinuxException(call, LastErrno, operand);
}
