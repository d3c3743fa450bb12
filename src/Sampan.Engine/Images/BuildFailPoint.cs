using Sampan.Runtime.Observation;

namespace Sampan.Engine.Images;

/// <summary><see cref="DaemonFailPoint"/> for the builder.</summary>
public static class BuildFailPoint
{
    /// <inheritdoc cref="DaemonFailPoint.Reach"/>
    public static void Reach(string name) => DaemonFailPoint.Reach(name);
}
