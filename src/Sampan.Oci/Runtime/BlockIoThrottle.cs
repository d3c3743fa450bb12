namespace Sampan.Oci.Runtime;

/// <summary>Rate of one block device. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#block-io">the specification</see>.</summary>
public sealed record BlockIoThrottle
{
    /// <summary>Major number.</summary>
    public long Major { get; init; }

    /// <summary>Minor number.</summary>
    public long Minor { get; init; }

    /// <summary>Bytes or operations per second.</summary>
    public ulong Rate { get; init; }
}
