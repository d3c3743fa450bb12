using System.Globalization;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// Copies the calling process by <see href="https://man7.org/linux/man-pages/man2/clone.2.html">clone3(2)</see>; the copy goes on running managed code.
/// Only <c>Launcher</c> may call it: it works in a quiet Native AOT process, whose two kernel threads are the one managed thread and the finalizer
/// at rest, and hangs nearly always where other managed threads run. So the number of threads is asserted, and the finalizer's rest awaited.
/// </summary>
public static class ProcessClone
{
    private const int QuietThreads = 2;
    private const int StatMaxBytes = 4096;
    private const int SIGCHLD = 17;
    private const int RestMaxMilliseconds = 10_000;

    /// <summary>Clones. Returns twice: in the parent with the child's descriptor, in the child with null.</summary>
    /// <param name="namespaces">Namespaces that the child gets anew.</param>
    /// <param name="cgroup">A cgroup v2 directory that the child is born in, or null for the caller's.</param>
    /// <param name="asSibling">True to give the child to the caller's own parent, which then reaps it: for a process that is a clone itself and goes at once.</param>
    /// <exception cref="InvalidOperationException">The process has more threads than a quiet one.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static unsafe PidFd? Clone(NamespaceTypes namespaces, SafeFd? cgroup, bool asSibling = false)
    {
        var finalizer = RequireQuiet();
        var pidfd = -1;
        var args = new Sys.CloneArgs
        {
            Flags = (ulong)namespaces | Sys.CLONE_PIDFD | (cgroup is null ? 0 : Sys.CLONE_INTO_CGROUP) | (asSibling ? Sys.CLONE_PARENT : 0),
            PidFd = (ulong)&pidfd,
            // A sibling gets the signal that the caller itself was cloned with.
            ExitSignal = asSibling ? 0UL : SIGCHLD,
            Cgroup = (ulong)(cgroup?.Number ?? 0),
        };
        // From here on nothing is allocated: a collection would wake the finalizer.
        if (finalizer is not null)
            AwaitRest(finalizer);
        var pid = Sys.clone3(&args);
        return pid switch
        {
            0 => null,
            > 0 => PidFd.Adopt(pid, pidfd),
            _ => throw new LinuxException("clone a process", (Errno)(-pid), namespaces.ToString()),
        };
    }

    // The file that tells the state of the finalizer's thread; null where there is no such thread: a clone has one only.
    private static string? RequireQuiet()
    {
        // Not by Environment.ProcessId: that is a cached number, wrong in a clone.
        if (!SmallFile.TryRead(Sys.AT_FDCWD, "/proc/self/stat", StatMaxBytes, out var content, out var errno))
            throw new LinuxException("read", errno, "/proc/self/stat");
        if (!ProcessStat.TryParse(content, out var stat, out var reason))
            throw new InvalidOperationException($"cannot read /proc/self/stat: {reason}");
        if (stat.ThreadCount > QuietThreads)
            throw new InvalidOperationException($"cannot clone: {stat.ThreadCount} threads are alive, a quiet process has {QuietThreads}");
        if (stat.ThreadCount < QuietThreads)
            return null;
        var own = string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{stat.Pid}");
        return Directory.EnumerateDirectories("/proc/self/task").Single(task => task != own) + "/stat";
    }

    // A thread that runs managed code at the moment of the clone is one that the child's collector waits for, and it isn't there. A collection of the
    // parent shortly before has woken the finalizer: it sleeps again when it has found nothing to do.
    private static unsafe void AwaitRest(string stat)
    {
        var deadline = Environment.TickCount64 + RestMaxMilliseconds;
        var buffer = stackalloc byte[StatMaxBytes];
        while (true)
        {
            var file = Sys.Check(Sys.openat(Sys.AT_FDCWD, stat, OpenFlags.ReadOnly), "open", stat);
            var length = (int)Sys.read(file, buffer, StatMaxBytes);
            _ = Sys.close(file); // was only read
            var content = new ReadOnlySpan<byte>(buffer, Math.Max(length, 0));
            var name = content.LastIndexOf((byte)')');
            if (name >= 0 && name + 2 < content.Length && content[name + 2] == (byte)'S')
                return;
            if (Environment.TickCount64 > deadline)
                throw new InvalidOperationException("cannot clone: the finalizer does not come to rest");
            Thread.Yield();
        }
    }
}
