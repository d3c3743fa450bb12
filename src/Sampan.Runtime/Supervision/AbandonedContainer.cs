using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Supervision;

/// <summary>What a supervisor leaves that was killed: the kernel has killed init with it, but its cgroup is there.</summary>
internal static class AbandonedContainer
{
    private static readonly TimeSpan s_killLimit = TimeSpan.FromSeconds(10);

    /// <summary>Kills what is left, removes the cgroup and the socket.</summary>
    /// <returns>The record, with what could not be cleared added to its error.</returns>
    internal static ExitRecord Clear(string stateDirectory, ExitRecord record)
    {
        try
        {
            if (Bundle.Load(stateDirectory).Spec.Linux?.CgroupsPath is { Length: > 0 } path)
            {
                using var cgroup = CgroupHost.Detect().Open(path);
                cgroup.KillAll(s_killLimit);
                cgroup.Remove();
            }
            HostFile.Remove($"{stateDirectory}/{Supervisor.SocketName}");
            return record;
        }
        catch (Exception failure) when (failure is LinuxException or RuntimeException)
        {
            return record with { Error = $"{record.Error}; {failure.Message}" };
        }
    }
}
