namespace Sampan.Oci.Runtime;

/// <summary>Priority of packets that leave by one interface. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#network">the specification</see>.</summary>
public sealed record InterfacePriority
{
    /// <summary>Interface.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Priority.</summary>
    public uint Priority { get; init; }
}
