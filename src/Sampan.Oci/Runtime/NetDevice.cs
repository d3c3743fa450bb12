namespace Sampan.Oci.Runtime;

/// <summary>How a network device moved inside is called there. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md">the specification</see>.</summary>
public sealed record NetDevice
{
    /// <summary>New name, or null to keep it.</summary>
    public string? Name { get; init; }
}
