namespace Sampan.Build;

/// <summary>One rule by which the cache is cut back after a build.</summary>
public sealed record CachePolicy
{
    /// <summary>How much stays.</summary>
    public required CacheRoom Room { get; init; }

    /// <summary>Only what no build has used for so long goes; null: whatever its age.</summary>
    public TimeSpan? Unused { get; init; }

    /// <summary>Only entries of these kinds go; empty: of all.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>What images have too goes with the rest, though it gives no room.</summary>
    public bool TakesShared { get; init; }

    /// <summary>Without any rule of the user's: no more than three quarters of the disk.</summary>
    /// <param name="diskBytes">The size of the disk.</param>
    public static IReadOnlyList<CachePolicy> Usual(long diskBytes) => [new() { Room = new CacheRoom(null, diskBytes / 4 * 3, null), TakesShared = true }];

    /// <summary>Whether an entry may go.</summary>
    internal bool Takes(Caching.BuildCacheEntry entry, DateTimeOffset now) =>
        (TakesShared || !entry.IsShared) && (Unused is not { } age || entry.LastUsed <= now - age) && (Kinds.Count == 0 || Kinds.Contains(entry.Kind));
}
