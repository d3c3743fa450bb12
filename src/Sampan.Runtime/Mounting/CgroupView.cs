using Sampan.Linux.Cgroups;
using Sampan.Linux.Proc;

namespace Sampan.Runtime.Mounting;

/// <summary>What a container may see of control groups.</summary>
/// <param name="Layout">What is mounted where on the host.</param>
/// <param name="Path">The container's own group in every hierarchy; null if it has none, and sees those of its maker.</param>
/// <param name="HasNamespace">True if the container has a cgroup namespace of its own.</param>
internal sealed record CgroupView(CgroupLayout Layout, string? Path, bool HasNamespace)
{
    /// <summary>The groups of the launcher, in which a container without any of its own is.</summary>
    internal IReadOnlyList<CgroupMembership> Inherited { get; init; } = [];

    /// <summary>The group to show of a v1 hierarchy.</summary>
    internal string PathIn(CgroupHierarchy hierarchy) => Path ?? Inherited.FirstOrDefault(one => one.Controllers.Any(hierarchy.Controllers.Contains))?.Path ?? "/";

    /// <summary>The group to show of v2.</summary>
    internal string UnifiedPath => Path ?? Inherited.FirstOrDefault(one => one.Hierarchy == 0)?.Path ?? "/";
}
