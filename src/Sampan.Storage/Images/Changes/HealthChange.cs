using System.Globalization;
using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Changes;

/// <summary>
/// The instruction HEALTHCHECK: <c>NONE</c>, or
/// <c>[--interval=30s] [--timeout=30s] [--start-period=0s] [--start-interval=5s] [--retries=3] CMD command</c>.
/// </summary>
internal static class HealthChange
{
    private static readonly (string Unit, decimal Nanoseconds)[] s_units =
        [("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000)];

    internal static HealthProbe Parse(string instruction, string rest)
    {
        var probe = new HealthProbe();
        while (rest.StartsWith("--", StringComparison.Ordinal))
        {
            var end = rest.IndexOfAny([' ', '\t']);
            if (end < 0)
                throw ImageChanges.Invalid(instruction, "want CMD or NONE");
            probe = Option(probe, instruction, rest[..end]);
            rest = rest[end..].TrimStart();
        }
        var space = rest.IndexOfAny([' ', '\t']);
        var verb = (space < 0 ? rest : rest[..space]).ToUpperInvariant();
        var command = space < 0 ? "" : rest[space..].Trim();
        return verb switch
        {
            "NONE" when command.Length > 0 => throw ImageChanges.Invalid(instruction, "HEALTHCHECK NONE takes no arguments"),
            "NONE" => probe with { Test = ["NONE"] },
            "CMD" when command.Length == 0 => throw ImageChanges.Invalid(instruction, "missing command after HEALTHCHECK CMD"),
            "CMD" => probe with { Test = ImageChanges.JsonWords(command) is { } words ? ["CMD", .. words] : ["CMD-SHELL", command] },
            _ => throw ImageChanges.Invalid(instruction, $"unknown type '{verb}' in HEALTHCHECK: want CMD or NONE"),
        };
    }

    private static HealthProbe Option(HealthProbe probe, string instruction, string option)
    {
        var equals = option.IndexOf('=');
        var value = equals < 0 ? "" : option[(equals + 1)..];
        return (equals < 0 ? option : option[..equals]) switch
        {
            "--interval" => probe with { Interval = Duration(instruction, value) },
            "--timeout" => probe with { Timeout = Duration(instruction, value) },
            "--start-period" => probe with { StartPeriod = Duration(instruction, value) },
            "--start-interval" => probe with { StartInterval = Duration(instruction, value) },
            "--retries" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var retries)
                ? probe with { Retries = retries }
                : throw ImageChanges.Invalid(instruction, $"invalid number '{value}' of retries"),
            var unknown => throw ImageChanges.Invalid(instruction, $"unknown flag: {unknown}"),
        };
    }

    // As Go writes durations: 1h2m3.5s; 0 needs no unit.
    private static long Duration(string instruction, string text)
    {
        var rest = text;
        decimal sum = 0;
        while (rest.Length > 0 && rest != "0")
        {
            var digits = rest.Length - rest.TrimStart(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.']).Length;
            var unit = s_units.Where(known => rest.AsSpan(digits).StartsWith(known.Unit)).OrderByDescending(known => known.Unit.Length).FirstOrDefault();
            if (unit.Unit is null || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1_000_000_000)
                throw ImageChanges.Invalid(instruction, $"invalid duration '{text}'");
            sum += number * unit.Nanoseconds;
            rest = rest[(digits + unit.Unit.Length)..];
        }
        // Docker's least duration is a millisecond; zero is its default.
        return text.Length == 0 || sum is < 1_000_000 and > 0 || sum > long.MaxValue
            ? throw ImageChanges.Invalid(instruction, $"invalid duration '{text}'")
            : (long)sum;
    }
}
