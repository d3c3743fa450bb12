namespace Sampan.Storage.Archives;

/// <summary>A point in time as file systems keep it.</summary>
/// <param name="Seconds">Seconds since 1970, also negative.</param>
/// <param name="Nanoseconds">0 to 999,999,999, counted forward from <paramref name="Seconds"/>.</param>
internal readonly record struct FileTime(long Seconds, int Nanoseconds)
{
    internal static FileTime From(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        return rest < 0 ? new(seconds - 1, (int)((rest + TimeSpan.TicksPerSecond) * 100)) : new(seconds, (int)(rest * 100));
    }
}
