using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Cgroups.V2;

/// <summary>A group of the one v2 hierarchy.</summary>
internal sealed partial class CgroupV2 : ICgroup
{
    private static readonly TimeSpan FreezeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The controllers we limit with; enabled on the way down as far as the kernel has them.</summary>
    private static readonly string[] Wanted = ["cpu", "cpuset", "io", "memory", "pids", "hugetlb", "misc", "rdma"];

    private readonly string _directory;

    internal CgroupV2(CgroupLayout layout, string path)
    {
        Path = path;
        _directory = (layout.UnifiedMountPoint ?? throw new ArgumentException("no cgroup2 mount in the layout", nameof(layout))) + path;
    }

    public string Path { get; }

    public bool IsFrozen => UnifiedGroup.IsFrozen(_directory);

    internal static CgroupV2 Create(CgroupLayout layout, string path)
    {
        var group = new CgroupV2(layout, path);
        var mountPoint = layout.UnifiedMountPoint ?? "";
        CgroupTree.Create(mountPoint, path);
        try
        {
            EnableControllers(mountPoint, path);
            group.RequireDomain();
        }
        catch
        {
            _ = CgroupTree.TryRemoveOne(group._directory); // empty and ours; the failure that led here is the one to tell
            throw;
        }

        return group;
    }

    internal static CgroupV2 Adopt(CgroupLayout layout, string path)
    {
        EnableControllers(layout.UnifiedMountPoint ?? "", path);
        return new CgroupV2(layout, path);
    }

    public CgroupJoin PrepareJoin() =>
        new(new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, _directory, OpenFlags.Path | OpenFlags.Directory), "open control group", _directory)), []);

    public CgroupJoin PrepareJoin(IReadOnlyDictionary<string, string> paths) => paths.Count == 0
        ? PrepareJoin()
        : throw new LinuxException($"enter a group of the controller {paths.Keys.First()} alone (on cgroup v2 all go together: name a path without controllers) below control group", Errno.EOPNOTSUPP, Path);

    public void AddProcess(int pid) => CgroupFiles.Write(_directory, "cgroup.procs", pid);

    public IReadOnlyList<int> ReadPids()
    {
        var pids = new SortedSet<int>();
        if (!CgroupTree.AddPids(_directory, pids))
            throw new LinuxException("list processes of control group", Errno.ENOENT, Path);
        return [.. pids];
    }

    public void Freeze()
    {
        CgroupFiles.Write(_directory, "cgroup.freeze", "1");
        if (UnifiedGroup.Await(_directory, "frozen", wanted: true, UnifiedGroup.Deadline(FreezeTimeout)))
            return;
        CgroupFiles.Write(_directory, "cgroup.freeze", "0");
        throw new LinuxException($"freeze within {FreezeTimeout.TotalSeconds} s the control group", Errno.EBUSY, Path);
    }

    public void Thaw() => CgroupFiles.Write(_directory, "cgroup.freeze", "0");

    /// <summary>(1) At a stroke, (2) on kernels before 5.14 frozen and one by one, (3) wait for the kernel's word that nobody is left.</summary>
    public bool KillAll(TimeSpan timeout)
    {
        var deadline = UnifiedGroup.Deadline(timeout);
        if (!UnifiedGroup.IsPopulated(_directory))
            return true;
        if (!UnifiedGroup.TryKill(_directory))
            KillOneByOne(deadline);
        return UnifiedGroup.Await(_directory, "populated", wanted: false, deadline);
    }

    public void Remove() => CgroupTree.Remove(_directory);

    public void Dispose()
    {
        // No descriptor is kept.
    }

    private void KillOneByOne(long deadline)
    {
        var pids = new SortedSet<int>();
        while (CgroupTree.AddPids(_directory, pids) && pids.Count > 0 && ProcessReaper.MillisecondsUntil(deadline) > 0)
        {
            // Frozen tasks of v2 die at once, and those that are frozen do not fork.
            CgroupFiles.Write(_directory, "cgroup.freeze", "1");
            UnifiedGroup.Await(_directory, "frozen", wanted: true, Math.Min(deadline, UnifiedGroup.Deadline(TimeSpan.FromMilliseconds(100))));
            pids.Clear();
            CgroupTree.AddPids(_directory, pids);
            ProcessReaper.Kill(pids, () => CgroupFiles.Write(_directory, "cgroup.freeze", "0"), deadline);
            pids.Clear();
        }
    }

    /// <summary>Enables controllers from the root down to the parent. The usual case, all enabled, costs two reads.</summary>
    private static void EnableControllers(string mountPoint, string path)
    {
        var missing = Missing(mountPoint, mountPoint + path);
        if (missing.Count == 0)
            return;

        for (var end = 0; end >= 0; end = path.IndexOf('/', end + 1))
        {
            var directory = mountPoint + path[..end];
            // Below processes there are no limits: of what is enabled there the kernel takes cpu and pids, and makes the groups threaded by that.
            if (end > 0 && CgroupFiles.TryReadText(directory, "cgroup.procs") is { Length: > 0 })
                return;
            var all = string.Join(' ', missing.Select(controller => "+" + controller));
            if (CgroupFiles.TryWrite(directory, "cgroup.subtree_control", all) == Errno.None)
                continue;

            // One that cannot be had (EBUSY: processes in the parent, or real-time tasks for cpu) must not cost the others;
            // a limit that needs it fails later and names its file.
            foreach (var controller in missing)
                _ = CgroupFiles.TryWrite(directory, "cgroup.subtree_control", "+" + controller);
        }
    }

    /// <summary>
    /// Below a threaded group only threads of the processes above may live: a clone into it fails with EOPNOTSUPP and says no more
    /// (<see href="https://docs.kernel.org/admin-guide/cgroup-v2.html#threads">cgroup-v2.rst</see>).
    /// </summary>
    private void RequireDomain()
    {
        if (CgroupFiles.TryReadText(_directory, "cgroup.type") is "domain invalid" or "threaded")
            throw new LinuxException("create control group (the one above it is threaded: choose a path below a domain)", Errno.EOPNOTSUPP, Path);
    }

    private static List<string> Missing(string root, string directory)
    {
        var available = (CgroupFiles.TryReadText(root, "cgroup.controllers") ?? "").Split(' ');
        var enabled = (CgroupFiles.TryReadText(directory, "cgroup.controllers") ?? "").Split(' ');
        return [.. Wanted.Where(controller => available.Contains(controller) && !enabled.Contains(controller))];
    }
}
