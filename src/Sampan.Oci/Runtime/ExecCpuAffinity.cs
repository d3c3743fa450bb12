namespace Sampan.Oci.Runtime;

/// <summary>CPU affinity of a process that enters a running container. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#linux-process">the specification</see>.</summary>
public sealed record ExecCpuAffinity
{
    /// <summary>CPU list while entering, or null.</summary>
    public string? Initial { get; init; }

    /// <summary>CPU list for the program, or null.</summary>
    public string? Final { get; init; }
}
