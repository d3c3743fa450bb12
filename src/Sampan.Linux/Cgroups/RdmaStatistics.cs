namespace Sampan.Linux.Cgroups;

/// <summary>Use of one RDMA device.</summary>
/// <param name="Device">Its name: <c>mlx5_0</c>.</param>
/// <param name="Handles">Handles in use.</param>
/// <param name="Objects">Objects in use.</param>
/// <param name="HandleLimit">Most handles; null for no limit.</param>
/// <param name="ObjectLimit">Most objects; null for no limit.</param>
public sealed record RdmaStatistics(string Device, ulong Handles, ulong Objects, ulong? HandleLimit, ulong? ObjectLimit);
