namespace Sampan.Oci.Runtime;

/// <summary>One resource limit. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#posix-process">the specification</see>.</summary>
public sealed record Rlimit
{
    /// <summary>Name such as <c>RLIMIT_NOFILE</c>.</summary>
    public string Type { get => field ?? ""; init; }

    /// <summary>Soft limit, in the unit of the resource; the largest value means unlimited.</summary>
    public ulong Soft { get; init; }

    /// <summary>Hard limit, in the unit of the resource; the largest value means unlimited.</summary>
    public ulong Hard { get; init; }
}
