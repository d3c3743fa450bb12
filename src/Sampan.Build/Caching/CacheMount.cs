namespace Sampan.Build.Caching;

/// <summary>A directory that RUN steps keep between builds.</summary>
internal sealed record CacheMount
{
    /// <summary>As the Dockerfile names it.</summary>
    public required string Id { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When a step last had it.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>How often.</summary>
    public int Uses { get; init; }
}
