namespace Sampan.Compose.Running;

/// <summary>What is said for one build beside what the files say.</summary>
public sealed record BuildChanges
{
    /// <summary>Further values for ARG; null: the one of the project's environment, if it has one.</summary>
    public IReadOnlyDictionary<string, string?> Arguments { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Whether every step runs.</summary>
    public bool NoCache { get; init; }

    /// <summary>Whether base images are asked for at their registries.</summary>
    public bool Pull { get; init; }

    /// <summary>Whether the Dockerfile is checked only, and nothing is built.</summary>
    public bool Check { get; init; }

    /// <summary>SSH agents and keys beside those of the files.</summary>
    public IReadOnlyList<string> Ssh { get; init; } = [];

    /// <summary>Bytes of memory of each RUN step; null: no limit.</summary>
    public long? Memory { get; init; }
}
