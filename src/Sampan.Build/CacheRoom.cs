namespace Sampan.Build;

/// <summary>How much of the cache has to go.</summary>
/// <param name="Reserved">Bytes that always stay; null: none need to.</param>
/// <param name="MaxUsed">Bytes that the cache may take in the end; null: no limit.</param>
/// <param name="MinFree">Bytes that shall be free on the disk in the end; null: no matter.</param>
public sealed record CacheRoom(long? Reserved, long? MaxUsed, long? MinFree)
{
    /// <summary>The bytes that may be left; null: everything goes.</summary>
    /// <param name="used">Bytes of the cache now.</param>
    /// <param name="free">Bytes that are free now.</param>
    public long? Aim(long used, long free)
    {
        if (MaxUsed is null && MinFree is null)
            return Reserved;
        var aim = used;
        if (MaxUsed is { } most)
            aim = Math.Min(aim, most);
        if (MinFree is { } least)
            aim = Math.Min(aim, used - Math.Max(0, least - free));
        return Math.Max(aim, Reserved ?? 0);
    }
}
