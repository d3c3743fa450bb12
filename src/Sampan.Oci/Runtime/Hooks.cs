namespace Sampan.Oci.Runtime;

/// <summary>Programs run at points of the life cycle. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#posix-platform-hooks">the specification</see>.</summary>
public sealed record Hooks
{
    /// <summary>Deprecated: after namespaces exist, before pivot, in the runtime's namespaces.</summary>
    public IReadOnlyList<Hook> Prestart { get => field ?? []; init; }

    /// <summary>After namespaces exist, before pivot, in the runtime's namespaces.</summary>
    public IReadOnlyList<Hook> CreateRuntime { get => field ?? []; init; }

    /// <summary>After namespaces exist, before pivot, in the container's namespaces.</summary>
    public IReadOnlyList<Hook> CreateContainer { get => field ?? []; init; }

    /// <summary>Before the user's process, inside the container.</summary>
    public IReadOnlyList<Hook> StartContainer { get => field ?? []; init; }

    /// <summary>After the user's process started, in the runtime's namespaces.</summary>
    public IReadOnlyList<Hook> Poststart { get => field ?? []; init; }

    /// <summary>After the container was deleted, in the runtime's namespaces.</summary>
    public IReadOnlyList<Hook> Poststop { get => field ?? []; init; }
}
