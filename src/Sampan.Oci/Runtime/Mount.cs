namespace Sampan.Oci.Runtime;

/// <summary>One mount of a container. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#mounts">the specification</see>.</summary>
public sealed record Mount
{
    /// <summary>Absolute path inside the container.</summary>
    public string Destination { get => field ?? ""; init; }

    /// <summary>Filesystem type, <c>bind</c>, or null when the options say bind.</summary>
    public string? Type { get; init; }

    /// <summary>Device, path on the host, or a name; null for none.</summary>
    public string? Source { get; init; }

    /// <summary>Options in the words of mount(8) and the specification.</summary>
    public IReadOnlyList<string> Options { get => field ?? []; init; }

    /// <summary>User id map of an id-mapped mount.</summary>
    public IReadOnlyList<IdMapping> UidMappings { get => field ?? []; init; }

    /// <summary>Group id map of an id-mapped mount.</summary>
    public IReadOnlyList<IdMapping> GidMappings { get => field ?? []; init; }
}
