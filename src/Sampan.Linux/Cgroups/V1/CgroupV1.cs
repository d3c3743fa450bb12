using Sampan.Linux.Cgroups.V2;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Cgroups.V1;

/// <summary>A group in every v1 hierarchy at once, and in the v2 hierarchy beside them if there is one: that one can kill all at a stroke.</summary>
internal sealed partial class CgroupV1 : ICgroup
{
    private static readonly TimeSpan FreezeTimeout = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<string, string> s_nowhereElse = [];

    private readonly CgroupLayout _layout;

    internal CgroupV1(CgroupLayout layout, string path)
    {
        _layout = layout;
        Path = path;
    }

    public string Path { get; }

    public bool IsFrozen => Find("freezer") is { } freezer && CgroupFiles.TryReadText(freezer, "freezer.state") is "FROZEN" or "FREEZING";

    private string? Unified => _layout.UnifiedMountPoint is { } mountPoint ? mountPoint + Path : null;

    /// <summary>Makes the group in all hierarchies, or in none.</summary>
    internal static CgroupV1 Create(CgroupLayout layout, string path)
    {
        var made = new List<string>(layout.Hierarchies.Count + 1);
        try
        {
            foreach (var hierarchy in layout.Hierarchies)
            {
                var hasCpuset = hierarchy.Controllers.Contains("cpuset");
                CgroupTree.Create(hierarchy.MountPoint, path, hasCpuset ? parent => InheritCpuset(hierarchy.MountPoint, parent, forChildren: true) : null);
                made.Add(hierarchy.MountPoint + path);
                if (hasCpuset)
                    InheritCpuset(hierarchy.MountPoint, hierarchy.MountPoint + path, forChildren: false);
            }

            if (layout.UnifiedMountPoint is { } unified)
            {
                CgroupTree.Create(unified, path);
                made.Add(unified + path);
            }
        }
        catch
        {
            foreach (var directory in made)
                _ = CgroupTree.TryRemoveOne(directory); // empty and ours; the failure that led here is the one to tell
            throw;
        }

        return new CgroupV1(layout, path);
    }

    public CgroupJoin PrepareJoin() => PrepareJoin(s_nowhereElse);

    public CgroupJoin PrepareJoin(IReadOnlyDictionary<string, string> paths)
    {
        foreach (var (controller, path) in paths)
        {
            if (Find(controller) is null)
                throw Missing(controller, "enter a group below");
            if (path != Path && !path.StartsWith(Path + "/", StringComparison.Ordinal))
                throw new LinuxException($"enter, as it is not below '{Path}', control group", Errno.EINVAL, path);
        }

        var tasks = new List<int>(_layout.Hierarchies.Count);
        SafeFd? cloneInto = null;
        try
        {
            // The freezer last: who enters a frozen group stands still there, and must be seen in all others by then, to be killed.
            foreach (var hierarchy in _layout.Hierarchies.OrderBy(one => one.Controllers.Contains("freezer")))
            {
                var file = hierarchy.MountPoint + PathIn(hierarchy, paths) + "/tasks";
                tasks.Add(Sys.Check(Sys.openat(Sys.AT_FDCWD, file, OpenFlags.WriteOnly), "open control group", file));
            }

            if (Unified is { } unified)
                cloneInto = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, unified, OpenFlags.Path | OpenFlags.Directory), "open control group", unified));
            return new CgroupJoin(cloneInto, [.. tasks]);
        }
        catch
        {
            new CgroupJoin(cloneInto, [.. tasks]).Dispose();
            throw;
        }
    }

    private string PathIn(CgroupHierarchy hierarchy, IReadOnlyDictionary<string, string> paths)
    {
        if (paths.Count == 0)
            return Path;
        var named = hierarchy.Controllers.Where(paths.ContainsKey).Select(controller => paths[controller]).Distinct(StringComparer.Ordinal).ToArray();
        return named switch
        {
            [] => Path,
            [var one] => one,
            _ => throw new LinuxException($"enter two groups for the controllers {string.Join(',', hierarchy.Controllers)}, which have one hierarchy, below control group", Errno.EINVAL, Path),
        };
    }

    public void AddProcess(int pid)
    {
        foreach (var directory in Directories())
            CgroupFiles.Write(directory, "cgroup.procs", pid);
    }

    public IReadOnlyList<int> ReadPids()
    {
        var pids = new SortedSet<int>();
        if (!CgroupTree.AddPids(Census, pids))
            throw new LinuxException("list processes of control group", Errno.ENOENT, Path);
        return [.. pids];
    }

    public void Freeze()
    {
        var freezer = Find("freezer") ?? throw Missing("freezer", "freeze");
        if (TryFreeze(freezer, UnifiedGroup.Deadline(FreezeTimeout)))
            return;
        CgroupFiles.Write(freezer, "freezer.state", "THAWED");
        throw new LinuxException($"freeze within {FreezeTimeout.TotalSeconds} s the control group", Errno.EBUSY, Path);
    }

    public void Thaw() => CgroupFiles.Write(Find("freezer") ?? throw Missing("freezer", "thaw"), "freezer.state", "THAWED");

    /// <summary>
    /// Kills until nobody is left: (1) at a stroke through v2 where there is one, (2) what is still there, frozen first so that it cannot fork
    /// faster than we kill, by descriptor, (3) again, until the time is over.
    /// </summary>
    public bool KillAll(TimeSpan timeout)
    {
        var deadline = UnifiedGroup.Deadline(timeout);
        var freezer = Find("freezer");
        var pids = new SortedSet<int>();
        while (CgroupTree.AddPids(Census, pids) && pids.Count > 0)
        {
            var killed = Unified is { } unified && UnifiedGroup.TryKill(unified);
            if (!killed && freezer is not null)
                TryFreeze(freezer, Math.Min(deadline, UnifiedGroup.Deadline(TimeSpan.FromMilliseconds(100))));

            pids.Clear();
            CgroupTree.AddPids(Census, pids);

            // A task frozen by v1 dies only when it is thawed.
            ProcessReaper.Kill(pids, () => ThawIfAny(freezer), deadline);

            pids.Clear();
            if (ProcessReaper.MillisecondsUntil(deadline) == 0)
                return !CgroupTree.AddPids(Census, pids) || pids.Count == 0;
        }

        return true;
    }

    public void Remove()
    {
        foreach (var directory in Directories())
            CgroupTree.Remove(directory);
    }

    public void Dispose()
    {
        // No descriptor is kept.
    }

    /// <summary>The directory whose process list is looked at: processes are in all hierarchies alike.</summary>
    private string Census => _layout.Find("pids") is { } pids ? pids.MountPoint + Path : _layout.Hierarchies[0].MountPoint + Path;

    private IEnumerable<string> Directories()
    {
        foreach (var hierarchy in _layout.Hierarchies)
            yield return hierarchy.MountPoint + Path;
        if (Unified is { } unified)
            yield return unified;
    }

    private string? Find(string controller) => _layout.Find(controller) is { } hierarchy ? hierarchy.MountPoint + Path : null;

    private string Require(string controller, string what) => Find(controller) ?? throw Missing(controller, $"limit {what} of");

    private LinuxException Missing(string controller, string act) =>
        new($"{act} (no '{controller}' controller is mounted) control group", Errno.EOPNOTSUPP, Path);

    private static bool TryFreeze(string freezer, long deadline)
    {
        // While tasks are on their way the state is FREEZING; writing again catches those born meanwhile (freezer-subsystem.rst). No event tells.
        while (true)
        {
            CgroupFiles.Write(freezer, "freezer.state", "FROZEN");
            if (CgroupFiles.TryReadText(freezer, "freezer.state") == "FROZEN")
                return true;
            if (ProcessReaper.MillisecondsUntil(deadline) == 0)
                return false;
            CgroupTree.Wait(1);
        }
    }

    private static void ThawIfAny(string? freezer)
    {
        if (freezer is null)
            return;
        var errno = CgroupFiles.TryWrite(freezer, "freezer.state", "THAWED");
        if (errno is not (Errno.None or Errno.ENOENT or Errno.ENODEV))
            throw new LinuxException("thaw control group", errno, freezer);
    }

    /// <summary>A v1 cpuset is born without processors and memory nodes, and nobody can enter it; take the parent's, for all below if asked.</summary>
    private static void InheritCpuset(string mountPoint, string directory, bool forChildren)
    {
        _ = FilledFile(mountPoint, directory, "cpuset.cpus");
        _ = FilledFile(mountPoint, directory, "cpuset.mems");
        if (forChildren)
            WriteUnlessGone(directory, "cgroup.clone_children", "1"); // then the kernel does it, at no cost for the next ones
    }

    /// <summary>What the file holds, after taking it over from above where it was empty. From the top down: a parent that somebody else has just made may be empty still, and a group may not have more than its parent.</summary>
    private static string? FilledFile(string mountPoint, string directory, string file)
    {
        var value = CgroupFiles.TryReadText(directory, file);
        if (value is not "" || directory == mountPoint)
            return value;
        value = FilledFile(mountPoint, CgroupPath.Parent(directory), file);
        if (value is { Length: > 0 })
            WriteUnlessGone(directory, file, value);
        return value;
    }

    /// <summary>Somebody may take an empty parent away as soon as it is made, and make it again: who needs it finds out.</summary>
    private static void WriteUnlessGone(string directory, string file, string value)
    {
        var errno = CgroupFiles.TryWrite(directory, file, value);
        if (errno is not (Errno.None or Errno.ENOENT or Errno.ENODEV))
            throw CgroupFiles.Failure(directory, file, value, errno);
    }
}
