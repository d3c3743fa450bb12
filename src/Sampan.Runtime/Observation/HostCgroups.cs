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
