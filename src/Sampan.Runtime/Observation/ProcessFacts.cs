namespace Sampan.Runtime.Observation;

/// <summary>One process of a container as the host sees it.</summary>
public sealed record ProcessFacts
{
    /// <summary>Its id.</summary>
    public required int Pid { get; init; }

    /// <summary>Its parent's id.</summary>
    public required int ParentPid { get; init; }

    /// <summary>Its process group.</summary>
    public required int ProcessGroup { get; init; }

    /// <summary>Its session.</summary>
    public required int Session { get; init; }

    /// <summary>The effective user's id.</summary>
    public required uint Uid { get; init; }

    /// <summary>The effective group's id.</summary>
    public required uint Gid { get; init; }

    /// <summary>The executable's short name.</summary>
    public required string Command { get; init; }

    /// <summary>The arguments, joined by spaces; the short name in brackets if there are none.</summary>
    public required string CommandLine { get; init; }

    /// <summary>The kernel's letter: R, S, D, T, Z …</summary>
    public required char State { get; init; }

    /// <summary>The controlling terminal as <c>pts/0</c>; null: none.</summary>
    public string? Terminal { get; init; }

    /// <summary>Time spent computing.</summary>
    public required TimeSpan CpuTime { get; init; }

    /// <summary>How long after the boot it began.</summary>
    public required TimeSpan StartedAfterBoot { get; init; }

    /// <summary>Threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Address space in bytes.</summary>
    public required long VirtualBytes { get; init; }

    /// <summary>Resident memory in bytes.</summary>
    public required long ResidentBytes { get; init; }
}
