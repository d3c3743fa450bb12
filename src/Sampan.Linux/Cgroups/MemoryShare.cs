namespace Sampan.Linux.Cgroups;

/// <summary>A kind of memory that v1 counts, and limits, apart.</summary>
/// <param name="Usage">Bytes in use.</param>
/// <param name="MaxUsage">Most bytes that were in use at once.</param>
/// <param name="Limit">Most bytes; null for no limit.</param>
/// <param name="FailCount">How often the limit was hit.</param>
public sealed record MemoryShare(ulong Usage, ulong MaxUsage, ulong? Limit, ulong FailCount);
