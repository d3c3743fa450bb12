namespace Sampan.Oci.Runtime;

/// <summary>Offset of one clock of a time namespace. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#offset-for-time-namespace">the specification</see>.</summary>
public sealed record TimeOffset
{
    /// <summary>Seconds.</summary>
    public long Secs { get; init; }

    /// <summary>Nanoseconds.</summary>
    public uint Nanosecs { get; init; }
}
