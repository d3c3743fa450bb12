using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;poll.h&gt;, &lt;fcntl.h&gt;'s control call, pipes and duplicates</summary>
internal static unsafe partial class Sys
{
    internal const short POLLIN = 1;
    internal const short POLLPRI = 2;
    internal const short POLLOUT = 4;
    internal const short POLLHUP = 0x10;
    internal const int F_DUPFD_CLOEXEC = 1030;
    internal const int F_GETFD = 1;
    internal const int F_SETFD = 2;
    internal const int F_GETFL = 3;
    internal const int F_SETFL = 4;
    internal const int F_ADD_SEALS = 1033;
    internal const int F_GET_SEALS = 1034;
    internal const int FD_CLOEXEC = 1;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;

    /// <summary><c>struct pollfd</c></summary>
    internal struct PollFd
    {
        internal int Fd;
        internal short Events;
        internal short Returned;
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int poll(PollFd* fds, ulong count, int timeout);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/fcntl.2.html">fcntl(2)</see> with a number as argument.</summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int fcntl(int fd, int command, nint argument);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/pipe.2.html">pipe2(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int pipe2(int* ends, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/dup.2.html">dup3(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int dup3(int oldfd, int newfd, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/lseek.2.html">lseek(2)</see></summary>
    [LibraryImport(Libc, EntryPoint = "lseek64", SetLastError = true)]
    internal static partial long lseek(int fd, long offset, int whence);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/ftruncate.2.html">ftruncate(2)</see></summary>
    [LibraryImport(Libc, EntryPoint = "ftruncate64", SetLastError = true)]
    internal static partial int ftruncate(int fd, long length);
}
