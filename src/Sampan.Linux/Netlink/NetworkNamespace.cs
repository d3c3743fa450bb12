using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Netlink;

/// <summary>
/// Network namespaces of the calling thread. A thread that calls <see cref="Make"/> or <see cref="Enter"/> must be one that
/// somebody owns, never a pooled one: it stays in the namespace. See
/// <see href="https://man7.org/linux/man-pages/man7/network_namespaces.7.html">network_namespaces(7)</see>.
/// </summary>
public static class NetworkNamespace
{
    private const string OfThisThread = "/proc/thread-self/ns/net";
    private const ulong BindMount = 4096;

    /// <summary>Opens the namespace the calling thread is in.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SafeFd OpenCurrent() => Open(OfThisThread);

    /// <summary>Opens a namespace by a path such as a bind mount or <c>/proc/1/ns/net</c>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SafeFd Open(string path) =>
        new(Sys.Check(Sys.openat(Sys.AT_FDCWD, path, OpenFlags.ReadOnly), "open network namespace", path));

    /// <summary>Moves the calling thread into a new, empty namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Make() => Sys.Check(Sys.unshare((int)Sys.CLONE_NEWNET), "make network namespace");

    /// <summary>Moves the calling thread into an existing namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Enter(SafeFd target) => Sys.Check(Sys.setns(target.Number, (int)Sys.CLONE_NEWNET), "enter network namespace");

    /// <summary>
    /// Makes a namespace and comes back, without the calling thread ever running managed code inside: the runtime starts threads
    /// of its own from whatever thread happens to need one (garbage collection, compilation), and a thread born inside would
    /// keep the namespace alive for as long as it lives.
    /// </summary>
    /// <param name="home">The namespace to come back to.</param>
    /// <param name="parameters">Kernel parameters to set inside, paths below <c>/proc/sys</c>; those the kernel has not are passed over.</param>
    /// <exception cref="LinuxException">The kernel refused; the thread is home.</exception>
    public static NewNamespace Create(SafeFd home, IReadOnlyList<(string Name, string Value)> parameters) => Visit(home, null, parameters);

    /// <summary>As <see cref="Create"/>, in a namespace that is there.</summary>
    /// <param name="home">The namespace to come back to.</param>
    /// <param name="target">The namespace.</param>
    /// <param name="parameters">Kernel parameters to set inside.</param>
    /// <exception cref="LinuxException">The kernel refused; the thread is home.</exception>
    public static NewNamespace Reach(SafeFd home, SafeFd target, IReadOnlyList<(string Name, string Value)> parameters) => Visit(home, target, parameters);

    /// <summary>Opens sockets of version 4 inside a namespace, as fresh from the kernel: first of datagrams, then of streams; and one into its packet filter.</summary>
    /// <param name="home">The namespace to come back to.</param>
    /// <param name="target">The namespace.</param>
    /// <exception cref="LinuxException">The kernel refused; the thread is home.</exception>
    public static (SafeFd Datagrams, SafeFd Streams, Nftables.NftSocket Filter) OpenSockets(SafeFd home, SafeFd target)
    {
        var visit = Visit(home, target, [],
        [
            new Sys.SocketKind(Sys.AF_INET, Sys.SOCK_DGRAM | Sys.SOCK_NONBLOCK, 0),
            new Sys.SocketKind(Sys.AF_INET, Sys.SOCK_STREAM | Sys.SOCK_NONBLOCK, 0),
            new Sys.SocketKind(Sys.AF_NETLINK, Sys.SOCK_RAW, Sys.NETLINK_NETFILTER),
        ]);
        visit.Namespace.Dispose();
        return (visit.Sockets[0], visit.Sockets[1], Nftables.NftSocket.From(visit.Sockets[2]));
    }

    private static NewNamespace Visit(SafeFd home, SafeFd? target, IReadOnlyList<(string Name, string Value)> parameters)
    {
        var visit = Visit(home, target, parameters, [new Sys.SocketKind(Sys.AF_NETLINK, Sys.SOCK_RAW, Sys.NETLINK_ROUTE)]);
        return new NewNamespace(visit.Namespace, new Route.RouteSocket(NetlinkSocket.From(visit.Sockets[0])));
    }

    private static (SafeFd Namespace, SafeFd[] Sockets) Visit(SafeFd home, SafeFd? target, IReadOnlyList<(string Name, string Value)> parameters, ReadOnlySpan<Sys.SocketKind> kinds)
    {
        var text = string.Concat(parameters.Select(p => $"/proc/sys/{p.Name}\0{p.Value}\0")) + "\0";
        Span<int> numbers = stackalloc int[kinds.Length];
        var visit = Sys.VisitNetworkNamespace(home.Number, target?.Number ?? -1, System.Text.Encoding.UTF8.GetBytes(text), "/proc/thread-self/ns/net\0"u8, kinds, numbers);
        if (visit.Stranded)
            Environment.FailFast("a thread could not return to the host's network namespace"); // the same rights had sufficed to come from there
        var space = visit.Namespace < 0 ? null : new SafeFd(visit.Namespace);
        var sockets = new List<SafeFd>(kinds.Length);
        foreach (var number in numbers)
        {
            if (number >= 0)
                sockets.Add(new SafeFd(number));
        }

        if (visit.Failed == Sys.VisitStep.None && space is not null)
            return (space, [.. sockets]);
        space?.Dispose();
        sockets.ForEach(s => s.Dispose());
        throw new LinuxException(
            visit.Failed switch
            {
                Sys.VisitStep.Make => "make network namespace",
                Sys.VisitStep.Enter => "enter network namespace",
                Sys.VisitStep.Open => "open network namespace",
                Sys.VisitStep.Socket => "open socket in network namespace",
                _ => "set kernel parameters in network namespace",
            },
            visit.Errno);
    }

    /// <summary>Keeps the calling thread's namespace alive under a path: the file is made, the namespace bind-mounted on it.</summary>
    /// <exception cref="LinuxException">The kernel refused; the file is gone again.</exception>
    public static void Keep(string path) => Keep(OfThisThread, path);

    /// <summary>Keeps a namespace alive under a path: the file is made, the namespace bind-mounted on it.</summary>
    /// <exception cref="LinuxException">The kernel refused; the file is gone again.</exception>
    public static void Keep(SafeFd space, string path) => Keep(space.ProcPath, path);

    private static void Keep(string source, string path)
    {
        new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, path, OpenFlags.ReadOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow), "make namespace file", path)).Dispose();
        FailPoint.Reach("namespace.file-made");
        if (Sys.mount(source, path, null, BindMount, null) == 0)
        {
            FailPoint.Reach("namespace.kept");
            return;
        }

        var errno = Sys.LastErrno;
        _ = Sys.unlinkat(Sys.AT_FDCWD, path, 0); // the first failure is the one to tell
        throw new LinuxException("keep namespace on", errno, path);
    }

    /// <summary>
    /// Undoes <see cref="Keep(SafeFd, string)"/>. The kernel destroys the namespace with all its links on its own time, once no process and no
    /// descriptor holds it. Nothing happens if the path is not there.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Drop(string path)
    {
        // EINVAL: nothing is mounted there, as after a reboot; ENOENT: nothing is there at all.
        if (Sys.umount2(path, Sys.MNT_DETACH) != 0 && Sys.LastErrno is not (Errno.EINVAL or Errno.ENOENT))
            throw new LinuxException("drop network namespace", Sys.LastErrno, path);
        FailPoint.Reach("namespace.dropped");
        if (Sys.unlinkat(Sys.AT_FDCWD, path, 0) != 0 && Sys.LastErrno != Errno.ENOENT)
            throw new LinuxException("remove namespace file", Sys.LastErrno, path);
        FailPoint.Reach("namespace.file-removed");
    }
}
