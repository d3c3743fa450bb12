using System.Globalization;

namespace Sampan.Cli.Output;

/// <summary>Lengths of time as docker words them: "About a minute", "3 weeks".</summary>
internal static class HumanTime
{
    public static string Length(TimeSpan d)
    {
        int seconds = (int)d.TotalSeconds;
        int minutes = (int)d.TotalMinutes;
        int hours = (int)(d.TotalHours + 0.5);
        return seconds < 1 ? "Less than a second"
            : seconds == 1 ? "1 second"
            : seconds < 60 ? $"{seconds} seconds"
            : minutes == 1 ? "About a minute"
            : minutes < 60 ? $"{minutes} minutes"
            : hours == 1 ? "About an hour"
            : hours < 48 ? $"{hours} hours"
            : hours < 24 * 7 * 2 ? $"{hours / 24} days"
            : hours < 24 * 30 * 2 ? $"{hours / 24 / 7} weeks"
            : hours < 24 * 365 * 2 ? $"{hours / 24 / 30} months"
            : $"{(int)d.TotalHours / 24 / 365} years";
    }

    public static string Ago(DateTimeOffset then, TimeProvider time) => Length(time.GetUtcNow() - then) + " ago";

    /// <summary>As Go prints a local time: "2024-05-01 12:00:00 +0200 CEST".</summary>
    public static string Stamp(DateTimeOffset utc, TimeProvider time) => Stamp(utc, time.LocalTimeZone);

    /// <summary>As Go prints a time in a zone.</summary>
    public static string Stamp(DateTimeOffset utc, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(utc, zone);
        string offset = (local.Offset < TimeSpan.Zero ? "-" : "+") + local.Offset.ToString("hhmm", CultureInfo.InvariantCulture);
        string name = local.Offset == TimeSpan.Zero ? "UTC" : zone.IsDaylightSavingTime(local) ? zone.DaylightName : zone.StandardName;
        return $"{local.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)} {offset} {name}";
    }

    /// <summary>Reads RFC 3339 with up to nine digits of a second's fraction.</summary>
    public static DateTimeOffset? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        int point = text.IndexOf('.');
        if (point > 0)
        {
            int end = point + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            // .NET reads seven digits at most.
            if (end - point - 1 > 7) text = text[..(point + 8)] + text[end..];
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value) ? value : null;
    }
}
