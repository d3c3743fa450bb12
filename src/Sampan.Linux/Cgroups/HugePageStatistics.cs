namespace Sampan.Linux.Cgroups;

/// <summary>Use of huge pages of one size.</summary>
/// <param name="PageSize">The size as the kernel writes it: <c>2MB</c>.</param>
/// <param name="Usage">Bytes in use.</param>
/// <param name="MaxUsage">Most bytes that were in use at once; null on v2, which does not count it.</param>
/// <param name="FailCount">How often the limit was hit.</param>
public sealed record HugePageStatistics(string PageSize, ulong Usage, ulong? MaxUsage, ulong FailCount);
