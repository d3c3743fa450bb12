using Sampan.Linux.Cgroups;

namespace Sampan.Runtime.Mounting;

/// <summary>What a container may see of control groups.</summary>
/// <param name="Layout">What is mounted where on the host.</param>
/// <param name="Path">The container's own group in every hierarchy.</param>
/// <param name="HasNamespace">True if the container has a cgroup namespace of its own.</param>
internal sealed record CgroupView(CgroupLayout Layout, string Path, bool HasNamespace);
