namespace Sampan.Oci.Runtime;

/// <summary>NUMA memory policy. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md">the specification</see>.</summary>
public sealed record MemoryPolicy
{
    /// <summary>Mode such as <c>MPOL_BIND</c>.</summary>
    public string Mode { get => field ?? ""; init; }

    /// <summary>List of nodes.</summary>
    public string Nodes { get => field ?? ""; init; }

    /// <summary>Flags such as <c>MPOL_F_STATIC_NODES</c>.</summary>
    public IReadOnlyList<string> Flags { get => field ?? []; init; }
}
