using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;linux/netlink.h&gt;, &lt;netinet/in.h&gt;: sockets that talk with the kernel's network code, and sockets with ports.</summary>
internal static unsafe partial class Sys
{
    internal const int AF_INET = 2;
    internal const int AF_NETLINK = 16;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_RAW = 3;
    internal const int SOL_NETLINK = 270;
    internal const int NETLINK_ROUTE = 0;
    internal const int NETLINK_NETFILTER = 12;
    internal const int NETLINK_CAP_ACK = 10;
    internal const int NETLINK_EXT_ACK = 11;
    internal const int NETLINK_GET_STRICT_CHK = 12;
    internal const int SO_REUSEADDR = 2;
    internal const int SO_RCVBUF = 8;
    internal const int SHUT_RDWR = 2;

    /// <summary><c>struct sockaddr_nl</c>, 12 bytes</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NetlinkAddress
    {
        internal ushort Family;
        internal ushort Padding;
        internal uint Port;
        internal uint Groups;
    }

    /// <summary><c>struct sockaddr_in</c>, 16 bytes; port and address in network order</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct InternetAddress
    {
        internal ushort Family;
        internal ushort Port;
        internal uint Address;
        internal ulong Zero;
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int setsockopt(int socket, int level, int option, void* value, uint length);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/recv.2.html">recv(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint recv(int socket, byte* buffer, nuint length, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</see> with a number.</summary>
    internal static int setsockopt(int socket, int level, int option, int value) =>
        setsockopt(socket, level, option, &value, sizeof(int));
}
