namespace Sampan.Oci.Runtime;

/// <summary>Mount support beyond options. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/features-linux.md">the specification</see>.</summary>
public sealed record MountExtensions
{
    /// <summary>Id-mapped mounts.</summary>
    public EnabledFeature? Idmap { get; init; }
}
