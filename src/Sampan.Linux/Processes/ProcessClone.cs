using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// Copies the calling process by <see href="https://man7.org/linux/man-pages/man2/clone.2.html">clone3(2)</see>; the copy goes on running managed code.
/// Only <c>Launcher</c> may call it: it works in a Native AOT process of one thread, which has no finalizer's either (see <see cref="RuntimeEntry"/>), and
/// hangs nearly always where other managed threads run: those are missing in the copy, whose collector waits for them. So the one thread is asserted.
/// </summary>
public static class ProcessClone
{
    private const int SIGCHLD = 17;

    /// <summary>Clones. Returns twice: in the parent with the child's descriptor, in the child with null.</summary>
    /// <param name="namespaces">Namespaces that the child gets anew.</param>
    /// <param name="cgroup">A cgroup v2 directory that the child is born in, or null for the caller's.</param>
    /// <param name="asSibling">True to give the child to the caller's own parent, which then reaps it: for a process that is a clone itself and goes at once.</param>
    /// <exception cref="InvalidOperationException">The process has more than one thread.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static unsafe PidFd? Clone(NamespaceTypes namespaces, SafeFd? cgroup, bool asSibling = false)
    {
        RequireOneThread();
        var pidfd = -1;
        var args = new Sys.CloneArgs
        {
            Flags = (ulong)namespaces | Sys.CLONE_PIDFD | (cgroup is null ? 0 : Sys.CLONE_INTO_CGROUP) | (asSibling ? Sys.CLONE_PARENT : 0),
            PidFd = (ulong)&pidfd,
            // A sibling gets the signal that the caller itself was cloned with.
            ExitSignal = asSibling ? 0UL : SIGCHLD,
            Cgroup = (ulong)(cgroup?.Number ?? 0),
        };
        var pid = Sys.clone3(&args);
        return pid switch
        {
            0 => null,
            > 0 => PidFd.Adopt(pid, pidfd),
            _ => throw new LinuxException("clone a process", (Errno)(-pid), namespaces.ToString()),
        };
    }

    private static void RequireOneThread()
    {
        // Not by Environment.ProcessId: that is a cached number, wrong in a clone. The directory's links are its threads, itself and its parent.
        const int Others = 2;
        if (!FileStatus.TryRead(Sys.AT_FDCWD, "/proc/self/task", 0, out var status))
            throw new LinuxException("count the threads in", Sys.LastErrno, "/proc/self/task");
        if (status.LinkCount - Others != 1)
            throw new InvalidOperationException($"cannot clone: {status.LinkCount - Others} threads are alive, there must be one");
    }
}
