using System.Text.Json.Serialization;

namespace Sampan.Oci.Runtime;

/// <summary>Network class and priorities (cgroup v1). See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#network">the specification</see>.</summary>
public sealed record NetworkLimits
{
    /// <summary>Class of the packets, or null.</summary>
    [JsonPropertyName("classID")]
    public uint? ClassId { get; init; }

    /// <summary>Priority by interface.</summary>
    public IReadOnlyList<InterfacePriority> Priorities { get => field ?? []; init; }
}
