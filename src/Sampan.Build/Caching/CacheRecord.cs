namespace Sampan.Build.Caching;

/// <summary>What a step of some build gave, under the key of all it depended on.</summary>
internal sealed record CacheRecord
{
    /// <summary>The step's files; null: the record only says when something was first made.</summary>
    public string? ImageId { get; init; }

    /// <summary>The step, for people.</summary>
    public required string Description { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When a build last took it.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>How often.</summary>
    public int Uses { get; init; }
}
