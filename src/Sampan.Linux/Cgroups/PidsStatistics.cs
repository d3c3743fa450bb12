namespace Sampan.Linux.Cgroups;

/// <summary>Processes and threads.</summary>
/// <param name="Current">How many there are.</param>
/// <param name="Limit">How many there may be; null for no limit.</param>
public sealed record PidsStatistics(ulong Current, ulong? Limit);
