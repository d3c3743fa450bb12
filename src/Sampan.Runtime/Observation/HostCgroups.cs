using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Observation;

/// <summary>Control groups above those of containers.</summary>
public static class HostCgroups
{
    /// <summary>Throws unless systemd runs here and can be asked for groups.</summary>
    /// <exception cref="RuntimeException">It does not run, the caller is not root, or the host has cgroup v1.</exception>
    public static void RequireSystemd() => ContainerGroup.RequireSystemd();

    /// <summary>True if containers can be given time for real-time tasks: cgroup v1, and a kernel with CONFIG_RT_GROUP_SCHED.</summary>
    public static bool HasRealTimeGroups() => CgroupHost.Detect().HasRealTimeGroups;

    /// <summary>Gives a group and all above it time for real-time tasks, of which containers below may be given some.</summary>
    /// <param name="path">Absolute in the hierarchy; what is not there is made.</param>
    /// <param name="runtime">Microseconds of each period.</param>
    /// <param name="period">Microseconds; null: the kernel's second.</param>
    /// <exception cref="RuntimeException">There are no such groups, or the kernel refused.</exception>
    public static void AllowRealTime(string path, long runtime, long? period)
    {
        try
        {
            CgroupHost.Detect().AllowRealTime(path, (ulong)runtime, (ulong?)period);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("give real-time", failure.Message, failure);
        }
    }

    /// <summary>Removes a group that holds neither processes nor groups; others stay.</summary>
    /// <param name="path">Absolute in the hierarchy.</param>
    /// <exception cref="RuntimeException">The kernel refused for another reason than being in use.</exception>
    public static void RemoveEmpty(string path)
    {
        try
        {
            CgroupHost.Detect().TryRemoveEmpty(path);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("remove cgroup", failure.Message, failure);
        }
    }
}
