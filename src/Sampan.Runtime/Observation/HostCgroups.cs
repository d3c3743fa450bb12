using Sampan.Linux;
using Sampan.Linux.Cgroups;

namespace Sampan.Runtime.Observation;

/// <summary>Control groups above those of containers.</summary>
public static class HostCgroups
{
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
