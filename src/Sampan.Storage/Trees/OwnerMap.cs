using Sampan.Oci.Runtime;

namespace Sampan.Storage.Trees;

/// <summary>Who the users of a tree are where it is looked at: those of a running container, whose users are mapped, seen from the host; or in what is mounted there.</summary>
/// <param name="Users">Ranges of user ids.</param>
/// <param name="Groups">Ranges of group ids.</param>
public sealed record OwnerMap(IReadOnlyList<IdMapping> Users, IReadOnlyList<IdMapping> Groups)
{
    private const uint Nobody = 65534;

    /// <summary>Root of the tree.</summary>
    internal (uint Uid, uint Gid) Root => Outside((0, 0));

    /// <summary>An owner as the tree knows him; who is nobody there is the kernel's nobody.</summary>
    internal (uint Uid, uint Gid) Inside((uint Uid, uint Gid) owner) => (Inside(Users, owner.Uid), Inside(Groups, owner.Gid));

    /// <summary>An owner as he is looked at.</summary>
    /// <exception cref="StorageException"><see cref="StorageError.InvalidInput"/>: nobody in the tree has this id.</exception>
    internal (uint Uid, uint Gid) Outside((uint Uid, uint Gid) owner) => (Outside(Users, owner.Uid, "user"), Outside(Groups, owner.Gid, "group"));

    private static uint Inside(IReadOnlyList<IdMapping> map, uint id) =>
        map.FirstOrDefault(range => id >= range.HostId && id - range.HostId < range.Size) is { } holder ? holder.ContainerId + (id - holder.HostId) : Nobody;

    private static uint Outside(IReadOnlyList<IdMapping> map, uint id, string kind) =>
        map.FirstOrDefault(range => id >= range.ContainerId && id - range.ContainerId < range.Size) is { } holder
            ? holder.HostId + (id - holder.ContainerId)
            : throw new StorageException(StorageError.InvalidInput, $"{kind} {id}, the owner of a file, is none of the container's, whose users are mapped (cp without -a leaves owners out)");
}
