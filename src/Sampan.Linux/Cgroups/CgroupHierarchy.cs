namespace Sampan.Linux.Cgroups;

/// <summary>One mounted v1 hierarchy.</summary>
/// <param name="MountPoint">Where: <c>/sys/fs/cgroup/cpu,cpuacct</c>.</param>
/// <param name="Controllers">What it controls: <c>cpu</c>, <c>cpuacct</c>; or <c>name=systemd</c>, which controls nothing.</param>
public sealed record CgroupHierarchy(string MountPoint, IReadOnlyList<string> Controllers);
