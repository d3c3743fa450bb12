namespace Sampan.Oci.Runtime;

/// <summary>A system call filter. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#seccomp">the specification</see>.</summary>
public sealed record Seccomp
{
    /// <summary>Action for calls that no rule names, such as <c>SCMP_ACT_ERRNO</c>.</summary>
    public string DefaultAction { get => field ?? ""; init; }

    /// <summary>Errno of the default action, null for EPERM.</summary>
    public uint? DefaultErrnoRet { get; init; }

    /// <summary>Architectures besides the native one, such as <c>SCMP_ARCH_X86</c>.</summary>
    public IReadOnlyList<string> Architectures { get => field ?? []; init; }

    /// <summary>Flags such as <c>SECCOMP_FILTER_FLAG_LOG</c>.</summary>
    public IReadOnlyList<string> Flags { get => field ?? []; init; }

    /// <summary>Socket that receives the notification descriptor, or null.</summary>
    public string? ListenerPath { get; init; }

    /// <summary>Opaque text sent to the listener, or null.</summary>
    public string? ListenerMetadata { get; init; }

    /// <summary>Rules.</summary>
    public IReadOnlyList<SeccompRule> Syscalls { get => field ?? []; init; }
}
