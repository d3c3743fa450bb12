namespace Sampan.Linux.Cgroups;

/// <summary>
/// One control group of ours: in every v1 hierarchy at once, or the one of v2. Its life: <see cref="CgroupHost.Create"/> makes it,
/// <see cref="Apply"/> limits it, a child joins it by <see cref="PrepareJoin()"/>, it is frozen, thawed, limited anew and read while processes
/// run, <see cref="KillAll"/> empties it, <see cref="Remove"/> ends it. A process that comes later finds it with <see cref="CgroupHost.Open"/>.
/// </summary>
/// <remarks>Synchronous. Two threads may read at once; changes want one at a time. Disposing closes descriptors and leaves the group be.</remarks>
public interface ICgroup : IDisposable
{
    /// <summary>Absolute path in each hierarchy: <c>/sampan/3f2a…</c>.</summary>
    string Path { get; }

    /// <summary>Sets what is given in <paramref name="resources"/> and leaves the rest as it is; also while processes run.</summary>
    /// <exception cref="LinuxException">The kernel refused, or (EOPNOTSUPP) has no controller for what is asked: the message names it.</exception>
    void Apply(CgroupResources resources);

    /// <summary>Opens what a child needs to enter the group cheaply.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    CgroupJoin PrepareJoin();

    /// <summary>The same into other groups, where some are named by controller: those below this one, made by its processes.</summary>
    /// <param name="paths">Absolute path in the hierarchy of a controller, by its name; controllers of one hierarchy go together.</param>
    /// <exception cref="LinuxException">The kernel refused, there is no such group, or no such controller of its own (EOPNOTSUPP): as on v2, where all go together.</exception>
    CgroupJoin PrepareJoin(IReadOnlyDictionary<string, string> paths);

    /// <summary>Moves a running process. Slow (some 10 ms in the kernel): a child of ours joins by <see cref="PrepareJoin()"/>.</summary>
    /// <exception cref="LinuxException">The kernel refused (ESRCH: no such process).</exception>
    void AddProcess(int pid);

    /// <summary>Process ids in the group and all groups below, in the reader's pid namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    IReadOnlyList<int> ReadPids();

    /// <summary>Stops every process; returns when all stand still.</summary>
    /// <exception cref="LinuxException">They did not within two seconds (EBUSY; thawed again), or there is no freezer (EOPNOTSUPP).</exception>
    void Freeze();

    /// <summary>Lets them run again.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    void Thaw();

    /// <summary>True while frozen.</summary>
    bool IsFrozen { get; }

    /// <summary>Kills every process, also those that fork meanwhile and those that are frozen, and waits until they are gone.</summary>
    /// <param name="timeout">How long to wait for the kernel to end them.</param>
    /// <returns>False if some still are there: a process stuck in the kernel.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    bool KillAll(TimeSpan timeout);

    /// <summary>Current use of memory, cpu, pids and block devices.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    CgroupStatistics ReadStatistics();

    /// <summary>How many processes of the group the kernel killed for want of memory; 0 without memory controller.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    long ReadOomKills();

    /// <summary>Removes the group and those that processes made below it. Gone already is well.</summary>
    /// <exception cref="LinuxException">There still are processes in it (EBUSY).</exception>
    void Remove();
}
