using System.Text.Json.Serialization;

namespace Sampan.Oci.Runtime;

/// <summary>A process of a container: its program, environment, user and privileges. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#process">the specification</see>.</summary>
public sealed record OciProcess
{
    /// <summary>True to give the process a pseudo-terminal as its standard streams.</summary>
    public bool Terminal { get; init; }

    /// <summary>First size of the terminal, or null for the kernel's default.</summary>
    public ConsoleSize? ConsoleSize { get; init; }

    /// <summary>Who the process runs as, in ids of the container.</summary>
    public OciUser User { get => field ?? new OciUser(); init; }

    /// <summary>The program and its arguments; the program is looked up in <c>PATH</c> of <see cref="Env"/>.</summary>
    public IReadOnlyList<string> Args { get => field ?? []; init; }

    /// <summary>The environment, each entry <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Env { get => field ?? []; init; }

    /// <summary>Absolute working directory inside the root.</summary>
    public string Cwd { get => field ?? ""; init; }

    /// <summary>The five capability sets; null leaves none.</summary>
    public CapabilitySets? Capabilities { get; init; }

    /// <summary>Resource limits of the process.</summary>
    public IReadOnlyList<Rlimit> Rlimits { get => field ?? []; init; }

    /// <summary>True to stop set-user-id programs and file capabilities from granting anything.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>AppArmor profile to change to at exec, or null.</summary>
    public string? ApparmorProfile { get; init; }

    /// <summary>Badness added for the OOM killer, -1000 to 1000, or null to inherit.</summary>
    public int? OomScoreAdj { get; init; }

    /// <summary>SELinux label of the process, or null.</summary>
    public string? SelinuxLabel { get; init; }

    /// <summary>Scheduling policy, or null to inherit.</summary>
    public Scheduler? Scheduler { get; init; }

    /// <summary>I/O priority, or null to inherit.</summary>
    [JsonPropertyName("ioPriority")]
    public IoPriority? IoPriority { get; init; }

    /// <summary>CPU affinity of a process that enters a running container, or null.</summary>
    [JsonPropertyName("execCPUAffinity")]
    public ExecCpuAffinity? ExecCpuAffinity { get; init; }
}
