using System.Globalization;

namespace Sampan.Server.Docker;

/// <summary>Spans of time in Docker's words and in Go's notation.</summary>
internal static class Duration
{
    /// <summary>A span for people: <c>Less than a second</c>, <c>About a minute</c>, <c>3 weeks</c>.</summary>
    internal static string Human(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        var minutes = (long)span.TotalMinutes;
        var hours = (long)Math.Round(span.TotalHours, MidpointRounding.AwayFromZero);
        return seconds switch
        {
            < 1 => "Less than a second",
            1 => "1 second",
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds} seconds"),
            _ when minutes == 1 => "About a minute",
            _ when minutes < 60 => string.Create(CultureInfo.InvariantCulture, $"{minutes} minutes"),
            _ when hours == 1 => "About an hour",
            _ when hours < 48 => string.Create(CultureInfo.InvariantCulture, $"{hours} hours"),
            _ when hours < 24 * 7 * 2 => string.Create(CultureInfo.InvariantCulture, $"{hours / 24} days"),
            _ when hours < 24 * 30 * 2 => string.Create(CultureInfo.InvariantCulture, $"{hours / 24 / 7} weeks"),
            _ when hours < 24 * 365 * 2 => string.Create(CultureInfo.InvariantCulture, $"{hours / 24 / 30} months"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{(long)(span.TotalHours / 24 / 365)} years"),
        };
    }

    /// <summary>Reads Go's notation: <c>1h30m</c>, <c>1.5s</c>, <c>300ms</c>.</summary>
    internal static bool TryParse(string text, out TimeSpan span)
    {
        span = TimeSpan.Zero;
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative)
            rest = rest[1..];
        if (rest.IsEmpty)
            return false;
        double seconds = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAny("0123456789.");
            var unit = letters < 0 ? rest : rest[..letters];
            double? factor = unit switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "us" or "µs" => 1e-6, "ns" => 1e-9, _ => null };
            if (factor is null)
                return false;
            seconds += number * factor.Value;
            rest = letters < 0 ? default : rest[letters..];
        }

        if (seconds > TimeSpan.MaxValue.TotalSeconds / 2)
            return false;
        span = TimeSpan.FromSeconds(negative ? -seconds : seconds);
        return true;
    }
}
