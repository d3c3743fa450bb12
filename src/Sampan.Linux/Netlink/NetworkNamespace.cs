using Sampan.Linux.Io;
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
    public static NewNamespace Create(SafeFd home, IReadOnlyList<(string Name, string Value)> parameters)
    {
        var text = string.Concat(parameters.Select(p => $"/proc/sys/{p.Name}\0{p.Value}\0")) + "\0";
        var visit = Sys.VisitNewNetworkNamespace(home.Number, System.Text.Encoding.UTF8.GetBytes(text), "/proc/thread-self/ns/net\0"u8);
        if (visit.Stranded)
            Environment.FailFast("a thread could not return to the host's network namespace"); // the same rights had sufficed to come from there
        var made = visit.Namespace < 0 ? null : new SafeFd(visit.Namespace);
        var socket = visit.RouteSocket < 0 ? null : new SafeFd(visit.RouteSocket);
        if (visit.Failed == Sys.VisitStep.None && made is not null && socket is not null)
            return new NewNamespace(made, new Route.RouteSocket(NetlinkSocket.From(socket)));
        made?.Dispose();
        socket?.Dispose();
        throw new LinuxException(
            visit.Failed switch
            {
                Sys.VisitStep.Make => "make network namespace",
                Sys.VisitStep.Open => "open new network namespace",
                Sys.VisitStep.Socket => "open netlink socket in new network namespace",
                _ => "set kernel parameters in new network namespace",
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
        if (Sys.mount(source, path, null, BindMount, null) == 0)
            return;
        var errno = Sys.LastErrno;
        _ = Sys.unlinkat(Sys.AT_FDCWD, path, 0); // the first failure is the one to tell
        throw new LinuxException("keep network namespace on", errno, path);
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
        if (Sys.unlinkat(Sys.AT_FDCWD, path, 0) != 0 && Sys.LastErrno != Errno.ENOENT)
            throw new LinuxException("remove namespace file", Sys.LastErrno, path);
    }
}
