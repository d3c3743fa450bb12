using System.Globalization;

namespace Sampan.Runtime.Commands;

/// <summary>A number of bytes as people write it: <c>536870912</c>, <c>512m</c>, <c>1.5GiB</c>; units of 1024, as Docker's.</summary>
internal static class ByteCount
{
    private const string Units = "kmgtp";

    /// <summary>Reads a number; -1 stays -1.</summary>
    internal static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        if (text == "-1")
        {
            bytes = -1;
            return true;
        }
        var digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.'))
            digits++;
        var unit = text[digits..].Trim(' ').ToLowerInvariant();
        var power = unit.Length == 0 ? -1 : Units.IndexOf(unit[0], StringComparison.Ordinal);
        if (unit.Length > 0 && (power < 0 ? unit != "b" : unit[1..] is not ("" or "b" or "ib")))
            return false;
        if (!decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        var factor = 1L << (10 * (power + 1));
        if (number > long.MaxValue / (decimal)factor)
            return false;
        bytes = (long)(number * factor);
        return true;
    }
}
