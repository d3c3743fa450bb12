namespace Sampan.Oci.Runtime;

/// <summary>One device access rule of a cgroup. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#allowed-device-list">the specification</see>.</summary>
public sealed record DeviceRule
{
    /// <summary>True allows, false denies.</summary>
    public bool Allow { get; init; }

    /// <summary><c>a</c>, <c>c</c>, <c>b</c>; null means all.</summary>
    public string? Type { get; init; }

    /// <summary>Major number, null for any.</summary>
    public long? Major { get; init; }

    /// <summary>Minor number, null for any.</summary>
    public long? Minor { get; init; }

    /// <summary>Of <c>r</c>, <c>w</c>, <c>m</c>; null means all.</summary>
    public string? Access { get; init; }
}
