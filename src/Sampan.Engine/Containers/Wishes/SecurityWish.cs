namespace Sampan.Engine.Containers.Wishes;

/// <summary>What the process may do.</summary>
public sealed record SecurityWish
{
    /// <summary>Every capability and device there is, no seccomp, nothing masked.</summary>
    public bool Privileged { get; init; }

    /// <summary>The root filesystem cannot be written.</summary>
    public bool ReadOnlyRootfs { get; init; }

    /// <summary>Capabilities added to Docker's default set, with or without <c>CAP_</c>; <c>ALL</c>.</summary>
    public IReadOnlyList<string> CapAdd { get => field ?? []; init; }

    /// <summary>Capabilities taken away; <c>ALL</c>.</summary>
    public IReadOnlyList<string> CapDrop { get => field ?? []; init; }

    /// <summary>
    /// <c>--security-opt</c> as given: <c>no-new-privileges[=true|false]</c>, <c>seccomp=unconfined</c>,
    /// <c>seccomp={JSON}</c>, <c>systempaths=unconfined</c>, <c>apparmor=unconfined</c>, <c>label=disable</c>; others are refused by name.
    /// </summary>
    public IReadOnlyList<string> Options { get => field ?? []; init; }

    /// <summary>What the daemon's <c>no-new-privileges</c> said when the container was made: so it is unless <see cref="Options"/> say otherwise.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>Paths hidden inside; null: Docker's list; empty: none.</summary>
    public IReadOnlyList<string>? MaskedPaths { get; init; }

    /// <summary>Paths that cannot be written; null: Docker's list; empty: none.</summary>
    public IReadOnlyList<string>? ReadonlyPaths { get; init; }
}
