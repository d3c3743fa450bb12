namespace Sampan.Oci.Runtime;

/// <summary>The five capability sets of a process, names such as <c>CAP_CHOWN</c>. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#linux-process">the specification</see>.</summary>
public sealed record CapabilitySets
{
    /// <summary>The bounding set.</summary>
    public IReadOnlyList<string> Bounding { get => field ?? []; init; }

    /// <summary>The effective set.</summary>
    public IReadOnlyList<string> Effective { get => field ?? []; init; }

    /// <summary>The inheritable set.</summary>
    public IReadOnlyList<string> Inheritable { get => field ?? []; init; }

    /// <summary>The permitted set.</summary>
    public IReadOnlyList<string> Permitted { get => field ?? []; init; }

    /// <summary>The ambient set.</summary>
    public IReadOnlyList<string> Ambient { get => field ?? []; init; }
}
