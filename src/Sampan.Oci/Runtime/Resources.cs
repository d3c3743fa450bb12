using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace Sampan.Oci.Runtime;

/// <summary>Limits of a cgroup. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#control-groups">the specification</see>.</summary>
public sealed record Resources
{
    /// <summary>Device access rules, later ones win.</summary>
    public IReadOnlyList<DeviceRule> Devices { get => field ?? []; init; }

    /// <summary>Memory limits, or null.</summary>
    public MemoryLimits? Memory { get; init; }

    /// <summary>CPU limits, or null.</summary>
    public CpuLimits? Cpu { get; init; }

    /// <summary>Limit of processes, or null.</summary>
    public PidsLimit? Pids { get; init; }

    /// <summary>Block device limits, or null.</summary>
    [JsonPropertyName("blockIO")]
    public BlockIoLimits? BlockIo { get; init; }

    /// <summary>Limits of huge pages by size.</summary>
    public IReadOnlyList<HugepageLimit> HugepageLimits { get => field ?? []; init; }

    /// <summary>Network class and priorities (v1 only), or null.</summary>
    public NetworkLimits? Network { get; init; }

    /// <summary>RDMA limits by device.</summary>
    public IReadOnlyDictionary<string, RdmaLimit> Rdma { get => field ?? ReadOnlyDictionary<string, RdmaLimit>.Empty; init; }

    /// <summary>Files of cgroup v2 and what is written to them.</summary>
    public IReadOnlyDictionary<string, string> Unified { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
