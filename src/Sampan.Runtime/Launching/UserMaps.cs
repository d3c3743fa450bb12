using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Launching;

/// <summary>The ids of a user namespace, users and groups.</summary>
internal sealed record UserMaps(IReadOnlyList<IdRange> Users, IReadOnlyList<IdRange> Groups)
{
    internal static UserMaps Of(IReadOnlyList<IdMapping> users, IReadOnlyList<IdMapping> groups) => new(Ranges(users), Ranges(groups));

    private static IdRange[] Ranges(IReadOnlyList<IdMapping> map) => [.. map.Select(one => new IdRange(one.ContainerId, one.HostId, one.Size))];
}
