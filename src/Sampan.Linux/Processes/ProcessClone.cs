using Sampan.Linux.Io;
using Sampan.Linux.Proc;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// Copies the calling process by <see href="https://man7.org/linux/man-pages/man2/clone.2.html">clone3(2)</see>; the copy goes on running managed code.
/// Only <c>Launcher</c> may call it: it works in a quiet Native AOT process, whose two kernel threads are the one managed thread and the finalizer
/// at rest, and hangs nearly always where other managed threads run. So the number of threads is asserted, not assumed.
/// </summary>
public static class ProcessClone
{
    private const int QuietThreads = 2;
    private const int StatMaxBytes = 4096;
    private const int SIGCHLD = 17;

    /// <summary>Clones. Returns twice: in the parent with the child's descriptor, in the child with null.</summary>
    /// <param name="namespaces">Namespaces that the child gets anew.</param>
    /// <param name="cgroup">A cgroup v2 directory that the child is born in, or null for the caller's.</param>
    /// <param name="asSibling">True to give the child to the caller's own parent, which then reaps it: for a process that is a clone itself and goes at once.</param>
    /// <exception cref="InvalidOperationException">The process has more threads than a quiet one.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static unsafe PidFd? Clone(NamespaceTypes namespaces, SafeFd? cgroup, bool asSibling = false)
    {
        RequireQuiet();
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

    private static void RequireQuiet()
    {
        // Not by Environment.ProcessId: that is a cached number, wrong in a clone.
        if (!SmallFile.TryRead(Sys.AT_FDCWD, "/proc/self/stat", StatMaxBytes, out var content, out var errno))
            throw new LinuxException("read", errno, "/proc/self/stat");
        if (!ProcessStat.TryParse(content, out var stat, out var reason))
            throw new InvalidOperationException($"cannot read /proc/self/stat: {reason}");
        if (stat.ThreadCount > QuietThreads)
            throw new InvalidOperationException($"cannot clone: {stat.ThreadCount} threads are alive, a quiet process has {QuietThreads}");
    }
}
