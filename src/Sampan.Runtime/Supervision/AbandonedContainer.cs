using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Runtime.Bundles;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Supervision;

/// <summary>What a supervisor leaves that was killed: the kernel has killed init with it, but its cgroup is there.</summary>
internal static class AbandonedContainer
{
    /// <summary>Kills what is left, removes the cgroup and the socket.</summary>
    /// <returns>The record, with what could not be cleared added to its error.</returns>
    internal static ExitRecord Clear(string stateDirectory, ExitRecord record)
    {
        try
        {
            if (Bundle.Load(stateDirectory).Spec.Linux?.CgroupsPath is { Length: > 0 } path)
                ContainerGroup.RemoveAbandoned(path);
            HostFile.Remove($"{stateDirectory}/{Supervisor.SocketName}");
            return record;
        }
        catch (Exception failure) when (failure is LinuxException or RuntimeException)
        {
            return record with { Error = $"{record.Error}; {failure.Message}" };
        }
    }
}
