namespace Sampan.Oci.Runtime;

/// <summary>The root filesystem of a container. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#root">the specification</see>.</summary>
public sealed record Root
{
    /// <summary>Directory of the root, absolute or relative to the bundle.</summary>
    public string Path { get => field ?? ""; init; }

    /// <summary>True to make the root read-only.</summary>
    public bool Readonly { get; init; }
}
