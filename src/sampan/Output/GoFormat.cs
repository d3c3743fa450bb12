using System.Globalization;

namespace Sampan.Cli.Output;

/// <summary>Go's %g, with which docker prints sizes.</summary>
internal static class GoFormat
{
    /// <summary>A number with so many significant digits (-1: as many as it takes); trailing zeros go.</summary>
    public static string General(double value, int digits)
    {
        if (double.IsNaN(value)) return "NaN";
        if (double.IsInfinity(value)) return value > 0 ? "+Inf" : "-Inf";
        if (value == 0) return "0";
        string scientific = value.ToString(digits < 0 ? "E16" : "E" + (digits - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        int exponent = int.Parse(scientific[(scientific.IndexOf('E') + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        int limit = digits < 0 ? 21 : digits;
        if (exponent >= -4 && exponent < limit)
            return digits < 0
                ? value.ToString("0.####################", CultureInfo.InvariantCulture)
                : decimal.Parse(scientific, NumberStyles.Float, CultureInfo.InvariantCulture).ToString("0.############################", CultureInfo.InvariantCulture);
        string mantissa = digits < 0 ? value.ToString("R", CultureInfo.InvariantCulture).Split('E')[0] : scientific[..scientific.IndexOf('E')];
        if (mantissa.Contains('.')) mantissa = mantissa.TrimEnd('0').TrimEnd('.');
        return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
    }
}
