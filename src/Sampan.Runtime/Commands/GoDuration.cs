using System.Globalization;

namespace Sampan.Runtime.Commands;

/// <summary>A time as Go writes it: <c>5s</c>, <c>1m30s</c>, <c>250ms</c>.</summary>
public static class GoDuration
{
    private static readonly (string Unit, decimal Milliseconds)[] s_units = [("ms", 1), ("us", 0.001m), ("µs", 0.001m), ("ns", 0.000001m), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];

    /// <summary>Reads a time that is not negative, up to 24 days.</summary>
    /// <returns>False: it is none.</returns>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        if (text == "0")
            return true;
        decimal sum = 0;
        var rest = text;
        while (rest.Length > 0)
        {
            var digits = rest.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
            var (unit, factor) = s_units.FirstOrDefault(one => rest[digits..].StartsWith(one.Unit, StringComparison.Ordinal));
            if (unit is null || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > int.MaxValue)
                return false;
            sum += number * factor;
            rest = rest[(digits + unit.Length)..];
        }
        if (text.Length == 0 || sum > int.MaxValue)
            return false;
        time = TimeSpan.FromMilliseconds((double)sum);
        return true;
    }
}
