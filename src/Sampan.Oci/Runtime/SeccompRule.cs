namespace Sampan.Oci.Runtime;

/// <summary>One rule of a system call filter. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#seccomp">the specification</see>.</summary>
public sealed record SeccompRule
{
    /// <summary>System calls.</summary>
    public IReadOnlyList<string> Names { get => field ?? []; init; }

    /// <summary>Action such as <c>SCMP_ACT_ALLOW</c>.</summary>
    public string Action { get => field ?? ""; init; }

    /// <summary>Errno of the action, null for EPERM.</summary>
    public uint? ErrnoRet { get; init; }

    /// <summary>Conditions that must all hold.</summary>
    public IReadOnlyList<SeccompArgument> Args { get => field ?? []; init; }
}
