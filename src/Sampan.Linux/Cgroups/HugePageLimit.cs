namespace Sampan.Linux.Cgroups;

/// <summary>Most memory in huge pages of one size.</summary>
/// <param name="PageSize">As the kernel names it: <c>2MB</c>, <c>1GB</c>, <c>64KB</c>.</param>
/// <param name="Limit">Bytes.</param>
public sealed record HugePageLimit(string PageSize, ulong Limit);
