namespace Sampan.Oci.Runtime;

/// <summary>A device node to make inside the container. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#devices">the specification</see>.</summary>
public sealed record Device
{
    /// <summary><c>c</c>, <c>b</c>, <c>u</c> or <c>p</c>.</summary>
    public string Type { get => field ?? ""; init; }

    /// <summary>Absolute path inside the container.</summary>
    public string Path { get => field ?? ""; init; }

    /// <summary>Major number.</summary>
    public long Major { get; init; }

    /// <summary>Minor number.</summary>
    public long Minor { get; init; }

    /// <summary>Permission bits, or null for 0666.</summary>
    public uint? FileMode { get; init; }

    /// <summary>Owner, or null for root.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group, or null for root.</summary>
    public uint? Gid { get; init; }
}
