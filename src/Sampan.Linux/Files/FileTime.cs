namespace Sampan.Linux.Files;

/// <summary>A point in time as file systems keep it; .NET's own types hold only 100 ns.</summary>
/// <param name="Seconds">Seconds since 1970, also negative.</param>
/// <param name="Nanoseconds">0 to 999,999,999, counted forward from <paramref name="Seconds"/>.</param>
public readonly record struct FileTime(long Seconds, int Nanoseconds)
{
    /// <summary>The same point in time.</summary>
    public static FileTime From(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        return rest < 0 ? new(seconds - 1, (int)((rest + TimeSpan.TicksPerSecond) * 100)) : new(seconds, (int)(rest * 100));
    }
}
