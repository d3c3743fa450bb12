using System.Text.Json.Serialization;

namespace Sampan.Oci.Runtime;

/// <summary>Block device limits of a cgroup. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#block-io">the specification</see>.</summary>
public sealed record BlockIoLimits
{
    /// <summary>Default weight, 10 to 1000, or null.</summary>
    public ushort? Weight { get; init; }

    /// <summary>Weight against child groups (v1 only), or null.</summary>
    public ushort? LeafWeight { get; init; }

    /// <summary>Weights by device.</summary>
    public IReadOnlyList<BlockIoWeight> WeightDevice { get => field ?? []; init; }

    /// <summary>Bytes per second read.</summary>
    public IReadOnlyList<BlockIoThrottle> ThrottleReadBpsDevice { get => field ?? []; init; }

    /// <summary>Bytes per second written.</summary>
    public IReadOnlyList<BlockIoThrottle> ThrottleWriteBpsDevice { get => field ?? []; init; }

    /// <summary>Reads per second.</summary>
    [JsonPropertyName("throttleReadIOPSDevice")]
    public IReadOnlyList<BlockIoThrottle> ThrottleReadIopsDevice { get => field ?? []; init; }

    /// <summary>Writes per second.</summary>
    [JsonPropertyName("throttleWriteIOPSDevice")]
    public IReadOnlyList<BlockIoThrottle> ThrottleWriteIopsDevice { get => field ?? []; init; }
}
