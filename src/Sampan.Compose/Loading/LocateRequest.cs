namespace Sampan.Compose.Loading;

/// <summary>What the user said about where a project is; null and empty: nothing.</summary>
public sealed record LocateRequest
{
    /// <summary>Where the user is.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The process's variables.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The files, as given; <c>-</c>: standard input.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The project's directory, as given.</summary>
    public string? Directory { get; init; }

    /// <summary>The project's name.</summary>
    public string? Name { get; init; }

    /// <summary>The env files, as given.</summary>
    public IReadOnlyList<string> EnvironmentFiles { get; init; } = [];

    /// <summary>Whether names are joined by <c>_</c>, as before version 2.</summary>
    public bool OldNames { get; init; }

    /// <summary>The profiles.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];
}
