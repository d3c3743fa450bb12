namespace Sampan.Runtime.Bundles;

/// <summary>What the command line remembers of a container between its calls: <c>state.json</c>.</summary>
internal sealed record ContainerRecord
{
    public int SchemaVersion { get; init; } = 1;

    public required string Id { get; init; }

    public required int Pid { get; init; }

    /// <summary>When init was started, in ticks since boot: with the pid it names a process for ever.</summary>
    public required ulong StartTicks { get; init; }

    public required string Bundle { get; init; }

    /// <summary>Absolute path of the cgroup; null if the container has none.</summary>
    public string? CgroupPath { get; init; }

    /// <summary>Name of the container's session keyring; null if it has its maker's.</summary>
    public string? SessionKeyring { get; init; }

    /// <summary>systemd's scope around the cgroup; null if there is none.</summary>
    public string? SystemdUnit { get; init; }

    /// <summary>
    /// True if <c>start</c> and <c>delete</c> need not read the configuration: it has a process, neither poststart nor poststop hooks, and no agent for its filter.
    /// </summary>
    public bool IsPlain { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
