using Sampan.Linux.Cgroups;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Bundles;

/// <summary>A running container, held open to look at.</summary>
/// <param name="Init">Its first process.</param>
/// <param name="Cgroup">Its control group.</param>
internal sealed record ObservedContainer(PidFd Init, ICgroup Cgroup) : IDisposable
{
    public void Dispose()
    {
        Init.Dispose();
        Cgroup.Dispose();
    }
}
