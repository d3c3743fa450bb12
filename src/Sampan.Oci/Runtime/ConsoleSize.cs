namespace Sampan.Oci.Runtime;

/// <summary>Size of a terminal in characters. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#process">the specification</see>.</summary>
public sealed record ConsoleSize
{
    /// <summary>Rows.</summary>
    public uint Height { get; init; }

    /// <summary>Columns.</summary>
    public uint Width { get; init; }
}
