using System.Globalization;

namespace Sampan.Storage.Volumes;

/// <summary>Sizes of volumes and roots.</summary>
public static class ByteSize
{
    /// <summary>Reads a size as people write it: <c>512m</c>, <c>10g</c>, <c>1.5GiB</c>.</summary>
    /// <param name="value">The text.</param>
    /// <param name="bytes">Above zero.</param>
    public static bool TryParse(string value, out long bytes)
    {
        var text = value.ToLowerInvariant();
        foreach (var ending in new[] { "ib", "b" })
            text = text.EndsWith(ending, StringComparison.Ordinal) ? text[..^ending.Length] : text;
        var shift = text is [.., var unit] && "kmgtp".Contains(unit) ? ("kmgtp".IndexOf(unit) + 1) * 10 : 0;
        var digits = shift > 0 ? text[..^1] : text;
        bytes = 0;
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number <= 0 || number > long.MaxValue >> shift)
            return false;
        bytes = (long)(number * (1L << shift));
        return bytes > 0;
    }
}
