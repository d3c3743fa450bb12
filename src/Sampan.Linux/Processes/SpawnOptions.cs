namespace Sampan.Linux.Processes;

/// <summary>How <see cref="ProcessSpawner"/> starts a program. A standard stream that is null becomes <c>/dev/null</c>.</summary>
public sealed record SpawnOptions
{
    /// <summary>Standard input, or null for <c>/dev/null</c>.</summary>
    public SafeFd? Stdin { get; init; }

    /// <summary>Standard output, or null for <c>/dev/null</c>.</summary>
    public SafeFd? Stdout { get; init; }

    /// <summary>Standard error, or null for <c>/dev/null</c>.</summary>
    public SafeFd? Stderr { get; init; }

    /// <summary>True to make the program leader of a new session, out of reach of the caller's terminal.</summary>
    public bool NewSession { get; init; }

    /// <summary>Directory that the program starts in, or null for the caller's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Descriptors the program gets beside its standard streams, and the numbers it gets them under.</summary>
    public IReadOnlyList<(SafeFd Source, int Target)> Inherit { get; init; } = [];

    /// <summary>Signals that the program starts with blocked, in every thread it will have; all others are unblocked and at their default.</summary>
    public IReadOnlyList<int> BlockedSignals { get; init; } = [];
}
