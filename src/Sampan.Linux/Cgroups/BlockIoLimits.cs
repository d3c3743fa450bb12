using Sampan.Linux.Io;

namespace Sampan.Linux.Cgroups;

/// <summary>Limits of block devices; null or empty leaves them.</summary>
public sealed record BlockIoLimits
{
    /// <summary>Relative weight, 10 to 1000.</summary>
    public ushort? Weight { get; init; }

    /// <summary>Relative weight against the groups below, 10 to 1000. Cgroup v1 only, and only kernels before 5.0 have it.</summary>
    public ushort? LeafWeight { get; init; }

    /// <summary>The same for single devices.</summary>
    public IReadOnlyList<(DeviceNumber Device, ushort Weight)> DeviceLeafWeights { get; init; } = [];

    /// <summary>Relative weight for single devices.</summary>
    public IReadOnlyList<(DeviceNumber Device, ushort Weight)> DeviceWeights { get; init; } = [];

    /// <summary>Most bytes read per second.</summary>
    public IReadOnlyList<(DeviceNumber Device, ulong Rate)> ReadBytesPerSecond { get; init; } = [];

    /// <summary>Most bytes written per second.</summary>
    public IReadOnlyList<(DeviceNumber Device, ulong Rate)> WriteBytesPerSecond { get; init; } = [];

    /// <summary>Most reads per second.</summary>
    public IReadOnlyList<(DeviceNumber Device, ulong Rate)> ReadsPerSecond { get; init; } = [];

    /// <summary>Most writes per second.</summary>
    public IReadOnlyList<(DeviceNumber Device, ulong Rate)> WritesPerSecond { get; init; } = [];
}
