namespace Sampan.Oci.Runtime;

/// <summary>RDMA limits of one device. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#rdma">the specification</see>.</summary>
public sealed record RdmaLimit
{
    /// <summary>Handles, or null.</summary>
    public uint? HcaHandles { get; init; }

    /// <summary>Objects, or null.</summary>
    public uint? HcaObjects { get; init; }
}
