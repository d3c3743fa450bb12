namespace Sampan.DockerApi.Builds;

/// <summary>Sampan only: the state in which a command of a build failed.</summary>
public sealed record FailedBuildState
{
    /// <summary>Its files: containers can be made of it.</summary>
    public required string ImageId { get; init; }

    /// <summary>The entry of the build cache that keeps them.</summary>
    public required string CacheId { get; init; }

    /// <summary>The shell that ran the command.</summary>
    public required IReadOnlyList<string> Shell { get; init; }

    /// <summary>Its variables, <c>name=value</c>.</summary>
    public required IReadOnlyList<string> Env { get; init; }

    /// <summary>Where it ran.</summary>
    public required string WorkingDir { get; init; }

    /// <summary>As whom; empty: root.</summary>
    public required string User { get; init; }
}
