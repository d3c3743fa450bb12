using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;linux/netlink.h&gt;, &lt;netinet/in.h&gt;: sockets that talk with the kernel's network code, and sockets with ports.</summary>
internal static unsafe partial class Sys
{
    internal const int AF_INET = 2;
    internal const int AF_INET6 = 10;
    internal const int AF_NETLINK = 16;
    internal const int IPPROTO_IPV6 = 41;
    internal const int IPV6_V6ONLY = 26;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_RAW = 3;
    internal const nuint SIOCGIFNAME = 0x8910;
    internal const int SOL_NETLINK = 270;
    internal const int NETLINK_ROUTE = 0;
    internal const int NETLINK_NETFILTER = 12;
    internal const int NETLINK_CAP_ACK = 10;
    internal const int NETLINK_EXT_ACK = 11;
    internal const int NETLINK_GET_STRICT_CHK = 12;
    internal const int SO_REUSEADDR = 2;
    internal const int SO_RCVBUF = 8;
    internal const int SO_SNDBUFFORCE = 32;
    internal const int SO_RCVBUFFORCE = 33;
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

    /// <summary><c>struct sockaddr_in6</c>, 28 bytes; port and address in network order</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct InternetAddress6
    {
        internal ushort Family;
        internal ushort Port;
        internal uint FlowInfo;
        internal fixed byte Address[16];
        internal uint Scope;
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int setsockopt(int socket, int level, int option, void* value, uint length);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/recv.2.html">recv(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial nint recv(int socket, byte* buffer, nuint length, int flags);

    // For a thread that is in another network namespace for a moment: nothing here allocates, marshals or calls the runtime,
    // so that no thread of the runtime can be born there and keep the namespace alive.
    // Making a namespace may wait for others that are being taken down: a garbage collection must not wait for that.
    [LibraryImport(Libc, EntryPoint = "unshare")]
    private static partial int quiet_unshare(int flags);

    [LibraryImport(Libc, EntryPoint = "setns")]
    [SuppressGCTransition]
    private static partial int quiet_setns(int fd, int types);

    [LibraryImport(Libc, EntryPoint = "socket")]
    [SuppressGCTransition]
    private static partial int quiet_socket(int domain, int type, int protocol);

    [LibraryImport(Libc, EntryPoint = "open")]
    [SuppressGCTransition]
    private static partial int quiet_open(byte* path, int flags);

    [LibraryImport(Libc, EntryPoint = "write")]
    [SuppressGCTransition]
    private static partial nint quiet_write(int fd, byte* buffer, nuint count);

    [LibraryImport(Libc, EntryPoint = "close")]
    [SuppressGCTransition]
    private static partial int quiet_close(int fd);

    /// <summary>What a visit to a network namespace brought back: the namespace, and the step that failed, if any.</summary>
    internal struct NamespaceVisit
    {
        internal int Namespace;
        internal VisitStep Failed;
        internal Errno Errno;
        internal bool Stranded;
    }

    /// <summary>A step of <see cref="VisitNetworkNamespace"/>.</summary>
    internal enum VisitStep
    {
        None,
        Make,
        Enter,
        Open,
        Socket,
        Parameter,
    }

    /// <summary>The arguments of <see href="https://man7.org/linux/man-pages/man2/socket.2.html">socket(2)</see>.</summary>
    internal struct SocketKind(int domain, int type, int protocol)
    {
        internal readonly int Domain = domain;
        internal readonly int Type = type;
        internal readonly int Protocol = protocol;
    }

    /// <summary>
    /// Goes to a network namespace, a new one (<paramref name="target"/> -1) or one that is there; opens it and sockets in it, sets
    /// kernel parameters in it (a list of null-terminated path and value pairs, ended by an empty path; an absent parameter is
    /// passed over), and goes back home. Sockets that could not be made are -1.
    /// </summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
    internal static NamespaceVisit VisitNetworkNamespace(int home, int target, ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> ownNamespacePath, ReadOnlySpan<SocketKind> kinds, Span<int> sockets)
    {
        const int readCloseOnExec = 0x80000;
        const int writeCloseOnExec = 0x80001;
        var visit = new NamespaceVisit { Namespace = -1 };
        var count = kinds.Length;
        sockets[..count].Fill(-1);
        fixed (byte* own = ownNamespacePath)
        fixed (byte* text = parameters)
        fixed (SocketKind* kind = kinds)
        fixed (int* made = sockets)
        {
            if ((target < 0 ? quiet_unshare((int)CLONE_NEWNET) : quiet_setns(target, (int)CLONE_NEWNET)) != 0)
            {
                visit.Errno = (Errno)(*errno_location());
                visit.Failed = target < 0 ? VisitStep.Make : VisitStep.Enter;
                return visit;
            }

            visit.Namespace = quiet_open(own, readCloseOnExec);
            if (visit.Namespace < 0)
            {
                visit.Failed = VisitStep.Open;
                visit.Errno = (Errno)(*errno_location());
            }

            for (var i = 0; visit.Failed == VisitStep.None && i < count; i++)
            {
                made[i] = quiet_socket(kind[i].Domain, kind[i].Type | SOCK_CLOEXEC, kind[i].Protocol);
                if (made[i] >= 0)
                    continue;
                visit.Failed = VisitStep.Socket;
                visit.Errno = (Errno)(*errno_location());
            }

            for (var path = text; visit.Failed == VisitStep.None && *path != 0;)
            {
                var value = path;
                while (*value++ != 0)
                {
                }

                var end = value;
                while (*end != 0)
                    end++;
                var file = quiet_open(path, writeCloseOnExec);
                if (file >= 0)
                {
                    if (quiet_write(file, value, (nuint)(end - value)) < 0)
                    {
                        visit.Failed = VisitStep.Parameter;
                        visit.Errno = (Errno)(*errno_location());
                    }

                    _ = quiet_close(file);
                }
                else if ((Errno)(*errno_location()) != Errno.ENOENT)
                {
                    visit.Failed = VisitStep.Parameter;
                    visit.Errno = (Errno)(*errno_location());
                }

                path = end + 1;
            }

            visit.Stranded = quiet_setns(home, (int)CLONE_NEWNET) != 0;
        }

        return visit;
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</see> with a number.</summary>
    internal static int setsockopt(int socket, int level, int option, int value) =>
        setsockopt(socket, level, option, &value, sizeof(int));
}
