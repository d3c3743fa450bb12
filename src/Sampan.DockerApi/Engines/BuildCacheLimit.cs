namespace Sampan.DockerApi.Engines;

/// <summary>Sampan only: a rule by which the build cache is cut back after builds, what was used longest ago first.</summary>
public sealed record BuildCacheLimit
{
    /// <summary>Bytes that the cache may take; null: no limit of its own.</summary>
    public long? MaxUsedSpace { get; init; }

    /// <summary>Bytes that shall be free on the disk; null: no matter.</summary>
    public long? MinFreeSpace { get; init; }

    /// <summary>Bytes that stay in any case; null: none need to.</summary>
    public long? ReservedSpace { get; init; }

    /// <summary>Only what no build has used for so many seconds goes; null: whatever its age.</summary>
    public long? UnusedSeconds { get; init; }

    /// <summary>Only entries of these types go; null: of all.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>Whether what images have too goes with the rest.</summary>
    public bool All { get; init; }
}
