namespace Sampan.Oci.Runtime;

/// <summary>Limit of processes and threads. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#pids">the specification</see>.</summary>
public sealed record PidsLimit
{
    /// <summary>Number of tasks; 0 or less is unlimited; null is not given.</summary>
    public long? Limit { get; init; }
}
