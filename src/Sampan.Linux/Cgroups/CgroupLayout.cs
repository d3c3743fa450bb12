using Sampan.Linux.Io;
using Sampan.Linux.Proc;

namespace Sampan.Linux.Cgroups;

/// <summary>What control groups a mount table shows.</summary>
public sealed record CgroupLayout
{
    /// <summary>Controllers of v1; a mount option that is none of them is no controller.</summary>
    private static readonly string[] KnownControllers =
        ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "hugetlb", "net_cls", "net_prio", "perf_event", "rdma", "misc"];

    /// <summary>Generation in use.</summary>
    public required CgroupMode Mode { get; init; }

    /// <summary>Hierarchies of v1, named ones too; empty on v2.</summary>
    public required IReadOnlyList<CgroupHierarchy> Hierarchies { get; init; }

    /// <summary>Where v2 is mounted, or null.</summary>
    public string? UnifiedMountPoint { get; init; }

    /// <summary>The v1 hierarchy with a controller, or null.</summary>
    public CgroupHierarchy? Find(string controller)
    {
        foreach (var hierarchy in Hierarchies)
        {
            if (hierarchy.Controllers.Contains(controller))
                return hierarchy;
        }

        return null;
    }

    private const string UsualPlace = "/sys/fs/cgroup";

    /// <summary>
    /// The layout, if everything is mounted where distributions and systemd mount it: then a few looks tell it, where the mount table of a host with a
    /// thousand containers has thousands of lines.
    /// </summary>
    /// <param name="memberships">The groups of any process: there is one for each hierarchy.</param>
    /// <param name="typeAt">The type of the file system at a path as statfs(2) tells it; null if there is nothing.</param>
    /// <returns>Null if something is elsewhere, or not mounted: the mount table is to be asked.</returns>
    public static CgroupLayout? AtUsualPlaces(IReadOnlyList<CgroupMembership> memberships, Func<string, long?> typeAt)
    {
        if (typeAt(UsualPlace) == FileSystem.CgroupV2)
            return new CgroupLayout { Mode = CgroupMode.V2, Hierarchies = [], UnifiedMountPoint = UsualPlace };
        var hierarchies = new List<CgroupHierarchy>();
        string? unified = null;
        foreach (var one in memberships)
        {
            var name = one.Controllers is [var only] && only.StartsWith("name=", StringComparison.Ordinal) ? only["name=".Length..] : string.Join(',', one.Controllers);
            var place = UsualPlace + "/" + (one.Hierarchy == 0 ? "unified" : name);
            if (typeAt(place) != (one.Hierarchy == 0 ? FileSystem.CgroupV2 : FileSystem.Cgroup) || name.Contains('/'))
                return null;
            if (one.Hierarchy == 0)
                unified = place;
            else
                hierarchies.Add(new CgroupHierarchy(place, one.Controllers));
        }
        if (!hierarchies.Exists(static one => Array.Exists(KnownControllers, one.Controllers.Contains)))
            return null;
        return new CgroupLayout { Mode = unified is null ? CgroupMode.V1 : CgroupMode.Hybrid, Hierarchies = hierarchies, UnifiedMountPoint = unified };
    }

    /// <summary>Reads a layout out of a mount table.</summary>
    /// <param name="mounts">The table, in the kernel's order: a later mount hides an earlier one at the same place.</param>
    /// <returns>Null if no control groups are mounted.</returns>
    public static CgroupLayout? FromMounts(IReadOnlyList<MountInfoEntry> mounts)
    {
        var hierarchies = new List<CgroupHierarchy>();
        string? unified = null;
        foreach (var mount in mounts)
        {
            if (mount.FileSystem == "cgroup2")
            {
                // One hierarchy, perhaps mounted twice: the usual places come first.
                if (unified is null || mount.MountPoint is "/sys/fs/cgroup" or "/sys/fs/cgroup/unified")
                    unified = mount.MountPoint;
            }
            else if (mount.FileSystem == "cgroup")
            {
                var controllers = mount.SuperOptions.Split(',').Where(option => KnownControllers.Contains(option) || option.StartsWith("name=", StringComparison.Ordinal)).ToArray();
                hierarchies.RemoveAll(known => known.MountPoint == mount.MountPoint);
                if (controllers.Length > 0 && !hierarchies.Exists(known => known.Controllers.SequenceEqual(controllers)))
                    hierarchies.Add(new CgroupHierarchy(mount.MountPoint, controllers));
            }
        }

        var hasV1 = hierarchies.Exists(one => one.Controllers.Any(controller => !controller.StartsWith("name=", StringComparison.Ordinal)));
        if (hasV1)
            return new CgroupLayout { Mode = unified is null ? CgroupMode.V1 : CgroupMode.Hybrid, Hierarchies = hierarchies, UnifiedMountPoint = unified };
        return unified is null ? null : new CgroupLayout { Mode = CgroupMode.V2, Hierarchies = [], UnifiedMountPoint = unified };
    }
}
