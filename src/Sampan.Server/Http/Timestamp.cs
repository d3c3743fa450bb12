using System.Globalization;

namespace Sampan.Server.Http;

/// <summary>The times on the wire.</summary>
internal static class Timestamp
{
    /// <summary>What Docker writes for "never".</summary>
    internal const string Never = "0001-01-01T00:00:00Z";

    /// <summary>Reads <c>1700000000</c>, <c>1700000000.123456789</c> (nanoseconds behind the point) or RFC 3339.</summary>
    internal static bool TryParse(string text, out DateTimeOffset moment)
    {
        moment = default;
        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        if (long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            if (seconds is < -62135596800 or > 253402300799)
                return false;
            long ticks = 0;
            if (point >= 0)
            {
                var fraction = text[(point + 1)..];
                if (fraction.Length is 0 or > 18 || !long.TryParse(fraction.PadRight(9, '0')[..9], NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds))
                    return false;
                ticks = nanoseconds / 100;
            }

            moment = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(ticks);
            return true;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out moment);
    }

    /// <summary>RFC 3339 in UTC with as many digits as needed, as Go writes it; null: <see cref="Never"/>.</summary>
    internal static string Write(DateTimeOffset? moment) => moment is { } m
        ? m.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)
        : Never;

    /// <summary>RFC 3339 in UTC with nine digits behind the point, as <c>logs --timestamps</c> shows it.</summary>
    internal static string WriteFixed(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);

    /// <summary>Nanoseconds since 1970.</summary>
    internal static long Nanoseconds(DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * 100;
}
