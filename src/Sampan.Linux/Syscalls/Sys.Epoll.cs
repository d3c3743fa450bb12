using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;sys/epoll.h&gt;</summary>
internal static unsafe partial class Sys
{
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;
    internal const int EPOLL_CLOEXEC = 0x80000;

    // x86-64 packs struct epoll_event to 12 bytes, every other architecture has 16 with padding. So the event is read by offset.
    internal static readonly int EpollEventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    internal static readonly int EpollDataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary><see href="https://man7.org/linux/man-pages/man2/epoll_create1.2.html">epoll_create1(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/epoll_ctl.2.html">epoll_ctl(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int epoll_ctl(int epoll, int operation, int fd, byte* @event);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/epoll_wait.2.html">epoll_wait(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int epoll_wait(int epoll, byte* events, int count, int timeout);
}
