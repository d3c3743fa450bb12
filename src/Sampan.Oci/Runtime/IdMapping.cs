using System.Text.Json.Serialization;

namespace Sampan.Oci.Runtime;

/// <summary>A range of ids of the container and the ids of the host behind them. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#user-namespace-mappings">the specification</see>.</summary>
public sealed record IdMapping
{
    /// <summary>First id inside the container.</summary>
    [JsonPropertyName("containerID")]
    public uint ContainerId { get; init; }

    /// <summary>First id on the host.</summary>
    [JsonPropertyName("hostID")]
    public uint HostId { get; init; }

    /// <summary>Number of ids.</summary>
    public uint Size { get; init; }
}
