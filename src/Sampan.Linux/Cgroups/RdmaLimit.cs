using System.Globalization;

namespace Sampan.Linux.Cgroups;

/// <summary>What a group may use of one RDMA device.</summary>
/// <param name="Device">Its name: <c>mlx5_1</c>.</param>
/// <param name="Handles">Most open handles; null for no limit.</param>
/// <param name="Objects">Most objects; null for no limit.</param>
public sealed record RdmaLimit(string Device, uint? Handles, uint? Objects)
{
    /// <summary>A line of <c>rdma.max</c>, the same on v1 and v2.</summary>
    internal string Format() => $"{Device} hca_handle={Text(Handles)} hca_object={Text(Objects)}";

    private static string Text(uint? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "max";
}
