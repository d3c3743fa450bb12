namespace Sampan.Oci.Runtime;

/// <summary>Whether something is supported. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/features-linux.md">the specification</see>.</summary>
public sealed record EnabledFeature
{
    /// <summary>True if it is.</summary>
    public bool Enabled { get; init; }
}
