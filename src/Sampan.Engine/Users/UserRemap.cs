using Sampan.Engine.Containers.Mounts;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Users;

/// <summary>Whose ids root and the other users of containers have on the host (<c>userns-remap</c>).</summary>
/// <param name="Users">Ranges of user ids.</param>
/// <param name="Groups">Ranges of group ids.</param>
public sealed record UserRemap(IReadOnlyList<IdMapping> Users, IReadOnlyList<IdMapping> Groups)
{
    /// <summary>The users of a mount whose owners a container's user chose himself, as the host sees them.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: there is no such user in the container.</exception>
    internal static IReadOnlyList<IdMapping> Behind(IReadOnlyList<IdMapping> map, IReadOnlyList<IdMapRange> ranges) =>
    [
        .. ranges.Select(range => map.FirstOrDefault(one => range.Seen >= one.ContainerId && (ulong)range.Seen + range.Count <= (ulong)one.ContainerId + one.Size) is { } holder
            ? new IdMapping { ContainerId = range.File, HostId = holder.HostId + (range.Seen - holder.ContainerId), Size = range.Count }
            : throw EngineException.Invalid($"invalid idmap '{range}': containers of this daemon have the ids {string.Join(", ", map.Select(one => $"{one.ContainerId} to {(ulong)one.ContainerId + one.Size - 1}"))} (userns-remap)")),
    ];
}
