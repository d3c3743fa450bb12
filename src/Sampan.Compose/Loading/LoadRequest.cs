namespace Sampan.Compose.Loading;

/// <summary>Which project to load.</summary>
public sealed record LoadRequest
{
    /// <summary>The files, absolute, the later ones on top.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The project's directory: relative paths start here.</summary>
    public required string Directory { get; init; }

    /// <summary>The project's name; null: the one that the files say, or the directory's.</summary>
    public string? Name { get; init; }

    /// <summary>The variables, those of <c>.env</c> below those of the process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The env files that were read, for labels; empty: none or <c>.env</c>.</summary>
    public IReadOnlyList<string> EnvironmentFiles { get; init; } = [];

    /// <summary>The profiles that are active; <c>*</c>: all.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>The services that are asked for by name: their profiles are active, too.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Whether variables are replaced.</summary>
    public bool Interpolate { get; init; } = true;

    /// <summary>Whether paths become absolute.</summary>
    public bool ResolvePaths { get; init; } = true;

    /// <summary>Whether env files are read into the services' variables.</summary>
    public bool ResolveEnvironment { get; init; } = true;

    /// <summary>Whether what files leave unsaid is filled in.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>Whether what is named must be there.</summary>
    public bool CheckReferences { get; init; } = true;

    /// <summary>Whether names of containers and images are joined by <c>_</c>, as before version 2.</summary>
    public bool OldNames { get; init; }

    /// <summary>What <c>~</c> stands for; null: nothing.</summary>
    public string? Home { get; init; }
}
