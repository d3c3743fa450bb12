using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Mounting;

/// <summary>Other owners for the files of a mount, without changing the files.</summary>
/// <param name="Users">User ids: those of the file system as <c>containerID</c>, those it shows as <c>hostID</c>; empty to take the container's own map.</param>
/// <param name="Groups">Group ids likewise.</param>
/// <param name="Recursive">True for the mounts below too.</param>
internal sealed record IdMapPlan(IReadOnlyList<IdMapping> Users, IReadOnlyList<IdMapping> Groups, bool Recursive)
{
    /// <summary>True if the map is that of the container's user namespace.</summary>
    internal bool IsOfContainer => Users.Count == 0;
}
