namespace Sampan.Oci.Runtime;

/// <summary>Weight of one block device. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#block-io">the specification</see>.</summary>
public sealed record BlockIoWeight
{
    /// <summary>Major number.</summary>
    public long Major { get; init; }

    /// <summary>Minor number.</summary>
    public long Minor { get; init; }

    /// <summary>Weight, 10 to 1000, or null.</summary>
    public ushort? Weight { get; init; }

    /// <summary>Weight against child groups (v1 only), or null.</summary>
    public ushort? LeafWeight { get; init; }
}
