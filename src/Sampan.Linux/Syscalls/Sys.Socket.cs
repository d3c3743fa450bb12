using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;sys/socket.h&gt;, &lt;sys/un.h&gt;</summary>
internal static unsafe partial class Sys
{
    internal const int AF_UNIX = 1;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_SEQPACKET = 5;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SOL_SOCKET = 1;
    internal const int SO_PEERCRED = 17;
    internal const int SO_PEERPIDFD = 77; // since Linux 6.5
    internal const int SCM_RIGHTS = 1;
    internal const int SHUT_RD = 0;
    internal const int SHUT_WR = 1;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;
    internal const int MSG_CTRUNC = 8;
    internal const int MSG_TRUNC = 0x20;

    /// <summary><c>struct sockaddr_un</c></summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UnixAddress
    {
        internal const int PathSize = 108;
        internal ushort Family;
        internal fixed byte Path[PathSize];
    }

    /// <summary><c>struct ucred</c></summary>
    internal struct PeerCredentials
    {
        internal int Pid;
        internal uint Uid;
        internal uint Gid;
    }

    /// <summary><c>struct iovec</c></summary>
    internal struct IoVector
    {
        internal void* Base;
        internal nuint Length;
    }

    /// <summary><c>struct msghdr</c>, 56 bytes on 64-bit machines</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        internal void* Name;
        internal uint NameLength;
        internal IoVector* Vectors;
        internal nuint VectorCount;
        internal void* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    /// <summary><c>struct cmsghdr</c> with one descriptor behind it: 24 bytes with padding.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct DescriptorMessage
    {
        internal nuint Length;
        internal int Level;
        internal int Type;
        internal int Descriptor;
        internal int Padding;
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/socketpair.2.html">socketpair(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int socketpair(int domain, int type, int protocol, int* pair);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/socket.2.html">socket(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int socket(int domain, int type, int protocol);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int bind(int socket, void* address, uint length);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/getsockname.2.html">getsockname(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int getsockname(int socket, void* address, uint* length);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int connect(int socket, void* address, uint length);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/listen.2.html">listen(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int listen(int socket, int backlog);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/accept.2.html">accept4(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int accept4(int socket, void* address, uint* length, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int shutdown(int socket, int how);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/getsockopt.2.html">getsockopt(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int getsockopt(int socket, int level, int option, void* value, uint* length);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/send.2.html">send(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint send(int socket, byte* buffer, nuint length, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/send.2.html">sendmsg(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint sendmsg(int socket, MessageHeader* message, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/recv.2.html">recvmsg(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint recvmsg(int socket, MessageHeader* message, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/geteuid.2.html">geteuid(2)</see></summary>
    [LibraryImport(Libc)]
    internal static partial uint geteuid();
}
