using Sampan.Linux.Processes;

namespace Sampan.Runtime.Observation;

/// <summary><see cref="FailPoint"/> for those who know no system calls.</summary>
public static class DaemonFailPoint
{
    /// <inheritdoc cref="FailPoint.Reach"/>
    public static void Reach(string name) => FailPoint.Reach(name);
}
