using System.Globalization;
using System.Text;

namespace Sampan.Compose.Schema;

/// <summary>Byte counts and durations as the specification writes them.</summary>
internal static class Quantity
{
    /// <summary>A count of bytes: <c>512</c>, <c>2b</c>, <c>64k</c>, <c>300mb</c>, <c>1.5g</c>, <c>2GiB</c>; units are powers of 1024.</summary>
    public static bool TryBytes(string text, out long bytes)
    {
        bytes = 0;
        string t = text.Trim().ToLowerInvariant();
        int end = 0;
        while (end < t.Length && (char.IsAsciiDigit(t[end]) || t[end] == '.' || (end == 0 && t[end] == '-'))) end++;
        if (end == 0 || !decimal.TryParse(t[..end], NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal amount)) return false;
        int power = t[end..].Trim() switch
        {
            "" or "b" => 0,
            "k" or "kb" or "kib" => 1,
            "m" or "mb" or "mib" => 2,
            "g" or "gb" or "gib" => 3,
            "t" or "tb" or "tib" => 4,
            "p" or "pb" or "pib" => 5,
            _ => -1,
        };
        if (power < 0) return false;
        for (int i = 0; i < power; i++)
        {
            if (Math.Abs(amount) > long.MaxValue) return false;
            amount *= 1024;
        }
        if (Math.Abs(amount) > long.MaxValue) return false;
        bytes = (long)amount;
        return true;
    }

    /// <summary>A duration in nanoseconds: <c>10ms</c>, <c>1m30s</c>, <c>1h5m30s20ms</c>.</summary>
    public static bool TryDuration(string text, out long nanoseconds)
    {
        nanoseconds = 0;
        string t = text.Trim();
        if (t == "0") return true;
        bool any = false;
        decimal total = 0;
        int i = 0;
        while (i < t.Length)
        {
            int start = i;
            while (i < t.Length && (char.IsAsciiDigit(t[i]) || t[i] == '.')) i++;
            if (!decimal.TryParse(t.AsSpan(start, i - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount)) return false;
            int unit = i;
            while (i < t.Length && !char.IsAsciiDigit(t[i]) && t[i] != '.') i++;
            decimal factor = t[unit..i] switch { "ns" => 1m, "us" or "µs" => 1_000m, "ms" => 1_000_000m, "s" => 1_000_000_000m, "m" => 60_000_000_000m, "h" => 3_600_000_000_000m, "d" => 86_400_000_000_000m, "w" => 604_800_000_000_000m, _ => 0m };
            if (factor == 0 || amount > long.MaxValue) return false;
            total += amount * factor;
            if (total > long.MaxValue) return false;
            any = true;
        }
        nanoseconds = (long)total;
        return any;
    }

    /// <summary>A duration as Go writes it: <c>1m30s</c>, <c>1.5s</c>, <c>200ms</c>.</summary>
    public static string Duration(long nanoseconds)
    {
        if (nanoseconds == 0) return "0s";
        if (nanoseconds < 1_000) return $"{nanoseconds}ns";
        if (nanoseconds < 1_000_000) return Decimal(nanoseconds / 1_000m) + "µs";
        if (nanoseconds < 1_000_000_000) return Decimal(nanoseconds / 1_000_000m) + "ms";
        var text = new StringBuilder();
        long seconds = nanoseconds / 1_000_000_000;
        if (seconds >= 3600) text.Append(CultureInfo.InvariantCulture, $"{seconds / 3600}h");
        if (seconds >= 60) text.Append(CultureInfo.InvariantCulture, $"{seconds / 60 % 60}m");
        return text.Append(Decimal(seconds % 60 + nanoseconds % 1_000_000_000 / 1_000_000_000m)).Append('s').ToString();
    }

    private static string Decimal(decimal value) => value.ToString("0.#########", CultureInfo.InvariantCulture);
}
