namespace Sampan.DockerApi.Builds;

/// <summary>Sampan only: a build that the engine remembers.</summary>
public sealed record PastBuild
{
    /// <summary>32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was over; null: it runs.</summary>
    public DateTimeOffset? Completed { get; init; }

    /// <summary><c>running</c>, <c>done</c>, <c>failed</c>, <c>cancelled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed; null: it did not.</summary>
    public string? Error { get; init; }

    /// <summary>The Dockerfile's path.</summary>
    public required string Dockerfile { get; init; }

    /// <summary>Where the context came from; null: the client sent it.</summary>
    public string? Remote { get; init; }

    /// <summary>The stage that was asked for; null: the last.</summary>
    public string? Target { get; init; }

    /// <summary>What it was for; null: the engine's platform.</summary>
    public string? Platform { get; init; }

    /// <summary>Names that the image got.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Values for ARG.</summary>
    public IReadOnlyDictionary<string, string>? Arguments { get; init; }

    /// <summary>The image; null: there is none.</summary>
    public string? ImageId { get; init; }

    /// <summary>How many steps made files, or took them from the cache.</summary>
    public int StepCount { get; init; }

    /// <summary>How many of these came from the cache.</summary>
    public int CachedCount { get; init; }

    /// <summary>Its steps; null in lists.</summary>
    public IReadOnlyList<PastBuildStep>? Steps { get; init; }
}
