using System.Globalization;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;

namespace Sampan.Cli.Output;

/// <summary>Reads --since and --until: how long ago, seconds since 1970, or a date with as much of the time as there is.</summary>
internal static class Instant
{
    private static readonly string[] s_local =
    [
        "yyyy-MM-dd", "yyyy-MM-ddTHH", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ss.FFFFFFF",
    ];

    /// <summary>As the engine wants it, "seconds.nanoseconds"; null: not given.</summary>
    public static string? Read(string? text, string option, TimeProvider time)
    {
        if (text is null) return null;
        // As docker: 0 is no duration but the beginning of all times.
        if (text != "0" && Values.TryDuration(text, out long nanoseconds)) return Format(time.GetUtcNow().AddTicks(-(nanoseconds / 100)));
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)) return text;
        if (DateTime.TryParseExact(text, s_local, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return Format(new DateTimeOffset(local, time.LocalTimeZone.GetUtcOffset(local)));
        if (text.Contains('T') && HumanTime.Parse(text) is { } stamp) return Format(stamp);
        throw new CommandException($"invalid value for \"{option}\": failed to parse value as time or duration: \"{text}\"");
    }

    private static string Format(DateTimeOffset instant)
    {
        long ticks = (instant - DateTimeOffset.UnixEpoch).Ticks;
        return string.Create(CultureInfo.InvariantCulture, $"{ticks / TimeSpan.TicksPerSecond}.{ticks % TimeSpan.TicksPerSecond * 100:000000000}");
    }
}
