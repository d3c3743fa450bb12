using Sampan.Linux.Cgroups.V1;
using Sampan.Linux.Cgroups.V2;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;

namespace Sampan.Linux.Cgroups;

/// <summary>The control groups of this host: makes and opens groups of whichever generation there is. Thread-safe.</summary>
public sealed class CgroupHost
{
    private CgroupHost(CgroupLayout layout) => Layout = layout;

    /// <summary>What is mounted where.</summary>
    public CgroupLayout Layout { get; }

    /// <summary>Looks at the usual places, else at the mount table of this process.</summary>
    /// <exception cref="LinuxException">No control groups are mounted (ENODEV), or the table cannot be read.</exception>
    public static CgroupHost Detect() => new(CgroupLayout.AtUsualPlaces(CgroupMembership.ReadOwn(), FileSystem.TypeAt) ?? CgroupLayout.FromMounts(MountInfo.ReadOwn(" - cgroup"u8))
        ?? throw new LinuxException("find control groups: neither cgroup nor cgroup2 is mounted, expected below", Errno.ENODEV, "/sys/fs/cgroup"));

    /// <summary>A host of a known layout, for tests.</summary>
    internal static CgroupHost Of(CgroupLayout layout) => new(layout);

    /// <summary>Makes a group, and its parents as needed. What is left there of an earlier one is removed first if it is empty.</summary>
    /// <param name="path">Absolute path in the hierarchies: <c>/sampan/3f2a…</c>.</param>
    /// <exception cref="LinuxException">The path is not sound (EINVAL), the group is in use (EBUSY), or the kernel refused; nothing is left then.</exception>
    public ICgroup Create(string path)
    {
        path = CgroupPath.Normalize(path);
        return Layout.Mode == CgroupMode.V2 ? CgroupV2.Create(Layout, path) : CgroupV1.Create(Layout, path);
    }

    /// <summary>Opens a group that is there, or that may be: acts on one that is not fail with ENOENT, removing it does not.</summary>
    /// <param name="path">Absolute path in the hierarchies.</param>
    /// <exception cref="LinuxException">The path is not sound (EINVAL).</exception>
    public ICgroup Open(string path)
    {
        path = CgroupPath.Normalize(path);
        return Layout.Mode == CgroupMode.V2 ? new CgroupV2(Layout, path) : new CgroupV1(Layout, path);
    }

    /// <summary>Opens a v2 group that somebody else made for us, and has the controllers enabled for it that its maker left out.</summary>
    /// <param name="path">Absolute path in the hierarchy.</param>
    /// <exception cref="LinuxException">The path is not sound (EINVAL), or the host has v1 (EOPNOTSUPP).</exception>
    public ICgroup Adopt(string path)
    {
        path = CgroupPath.Normalize(path);
        return Layout.Mode == CgroupMode.V2 ? CgroupV2.Adopt(Layout, path) : throw new LinuxException("take over a control group of v1", Errno.EOPNOTSUPP, path);
    }

    /// <summary>What a file of a v2 group says; null if there is no such file.</summary>
    /// <param name="path">Absolute path in the hierarchy.</param>
    /// <param name="file">For example <c>cpu.max</c>.</param>
    /// <exception cref="LinuxException">The path is not sound (EINVAL).</exception>
    public string? ReadUnified(string path, string file) =>
        Layout.UnifiedMountPoint is { } mountPoint ? CgroupFiles.TryReadText(mountPoint + CgroupPath.Normalize(path), file) : null;

    /// <summary>True if the group is there in any hierarchy.</summary>
    /// <exception cref="LinuxException">The path is not sound (EINVAL).</exception>
    public bool Exists(string path)
    {
        path = CgroupPath.Normalize(path);
        return MountPoints().Any(mountPoint => CgroupTree.Exists(mountPoint + path));
    }

    /// <summary>True if groups can be given time for real-time tasks: cgroup v1, and a kernel with CONFIG_RT_GROUP_SCHED.</summary>
    public bool HasRealTimeGroups => Layout.Find("cpu") is { } cpu && CgroupFiles.TryReadNumber(cpu.MountPoint, "cpu.rt_period_us") is not null;

    /// <summary>Gives a group and all above it, but the root, time for real-time tasks: a group can pass on no more than it has. What has more keeps it.</summary>
    /// <param name="path">Absolute path in the hierarchy; what is not there is made.</param>
    /// <param name="runtime">Microseconds of each period.</param>
    /// <param name="period">Microseconds; null: as it is.</param>
    /// <exception cref="LinuxException">There are no such groups (EOPNOTSUPP), or the kernel refused.</exception>
    public void AllowRealTime(string path, ulong runtime, ulong? period)
    {
        path = CgroupPath.Normalize(path);
        if (!HasRealTimeGroups || Layout.Find("cpu") is not { } cpu)
            throw new LinuxException("give real-time to control group", Errno.EOPNOTSUPP, path);
        for (var end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            var directory = cpu.MountPoint + (end < 0 ? path : path[..end]);
            Directory.CreateDirectory(directory);
            if (CgroupFiles.TryReadNumber(directory, "cpu.rt_runtime_us") is not { } has || has < runtime)
            {
                if (period is { } length)
                    CgroupFiles.Write(directory, "cpu.rt_period_us", length);
                CgroupFiles.Write(directory, "cpu.rt_runtime_us", runtime);
            }

            if (end < 0)
                return;
        }
    }

    /// <summary>Removes a group that has neither processes nor groups below: a parent that the last container left.</summary>
    /// <param name="path">Absolute path in the hierarchies.</param>
    /// <returns>True if it is gone from every hierarchy.</returns>
    /// <exception cref="LinuxException">The path is not sound (EINVAL).</exception>
    public bool TryRemoveEmpty(string path)
    {
        path = CgroupPath.Normalize(path);
        var gone = true;
        foreach (var mountPoint in MountPoints())
            gone &= CgroupTree.TryRemoveOne(mountPoint + path) is Errno.None or Errno.ENOENT;
        return gone;
    }

    private IEnumerable<string> MountPoints() =>
        Layout.UnifiedMountPoint is { } unified ? Layout.Hierarchies.Select(one => one.MountPoint).Append(unified) : Layout.Hierarchies.Select(one => one.MountPoint);
}
