using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Cgroups;

/// <summary>
/// A child's way into a group. Moving another process makes the kernel wait for an RCU grace period, 8 to 15 ms; a process of one thread that
/// moves itself through <c>tasks</c> needs no such wait (kernel/cgroup/cgroup.c, cgroup_procs_write_start), and clone3 can put a child straight
/// into a v2 group. So the parent opens the files, and the child does the rest.
/// </summary>
public sealed class CgroupJoin : IDisposable
{
    private readonly int[] _tasks;

    /// <summary>The way of who stays where he is.</summary>
    public static CgroupJoin None => new(cloneInto: null, []);

    internal CgroupJoin(SafeFd? cloneInto, int[] tasks)
    {
        CloneInto = cloneInto;
        _tasks = tasks;
    }

    /// <summary>Descriptor of the v2 group for clone3's CLONE_INTO_CGROUP (v2, and the v2 part of a hybrid layout); null if there is none.</summary>
    public SafeFd? CloneInto { get; }

    /// <summary>
    /// Moves the calling process, which must have one thread. Do it first, and before a cgroup namespace is made: that takes the groups of the
    /// moment as its root. Safe between clone and execve.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void JoinSelf()
    {
        foreach (var fd in _tasks)
            Sys.Check(Sys.WriteAll(fd, "0"u8), "join control group");
    }

    /// <summary>Closes the descriptors.</summary>
    public void Dispose()
    {
        CloneInto?.Dispose();
        foreach (var fd in _tasks)
            _ = Sys.close(fd);
        Array.Clear(_tasks);
        GC.SuppressFinalize(this);
    }
}
