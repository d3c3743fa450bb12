using System.Globalization;
using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>One value: characters, a number, a boolean, bytes, a duration, a path.</summary>
internal sealed class ScalarShape(string expected, Func<Scalar, Reading, Scalar?> read) : Shape
{
    public override string Expected => expected;

    public override Node? Read(Node node, Reading reading, DocumentPath path)
    {
        if (node is Scalar { Kind: ScalarKind.Null } || (node is Scalar kept && reading.Keeps(kept))) return node;
        if (node is Scalar scalar && read(scalar, reading) is { } canonical) return canonical with { At = node.At, Tag = node.Tag };
        reading.Expected(node, path, expected + (node is Scalar { Kind: not ScalarKind.Text } && expected.StartsWith("text", StringComparison.Ordinal) ? " (put it in quotes)" : ""));
        return null;
    }

    /// <summary>Characters; a number or boolean needs quotes.</summary>
    public static ScalarShape Text { get; } = new("text", static (s, _) => s.Kind == ScalarKind.Text ? s : null);

    /// <summary>Characters; a number or boolean counts as its characters.</summary>
    public static ScalarShape Any { get; } = new("a value", static (s, _) => s with { Kind = ScalarKind.Text });

    /// <summary>A value that stays what it is.</summary>
    public static ScalarShape Kept { get; } = new("a value", static (s, _) => s);

    public static ScalarShape Boolean { get; } = new("true or false", static (s, _) => s.Text.ToLowerInvariant() switch
    {
        "true" or "yes" or "y" or "on" or "1" => Scalar.Of(true),
        "false" or "no" or "n" or "off" or "0" => Scalar.Of(false),
        _ => null,
    });

    /// <summary>Bytes, kept as digits in quotes, as docker's tool prints them.</summary>
    public static ScalarShape Bytes { get; } = new("a number of bytes such as 64k, 300mb or 1g", static (s, _) =>
        Quantity.TryBytes(s.Text, out long bytes) ? Scalar.Of(bytes.ToString(CultureInfo.InvariantCulture)) : null);

    public static ScalarShape Duration { get; } = new("a duration such as 10s or 1m30s", static (s, _) =>
        Quantity.TryDuration(s.Text, out long ns) ? Scalar.Of(Quantity.Duration(ns)) : null);

    /// <summary>Microseconds, as a number or a duration.</summary>
    public static ScalarShape Microseconds { get; } = new("microseconds or a duration such as 400ms", static (s, _) =>
        long.TryParse(s.Text, CultureInfo.InvariantCulture, out long n) ? Scalar.Of(n) : Quantity.TryDuration(s.Text, out long ns) ? Scalar.Of(ns / 1000) : null);

    /// <summary>A number that need not be whole.</summary>
    public static ScalarShape Number { get; } = new("a number", static (s, _) =>
        decimal.TryParse(s.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal n) ? s with { Text = n.ToString(CultureInfo.InvariantCulture), Kind = ScalarKind.Number } : null);

    /// <summary>A path on the host. What lies elsewhere is not fetched: what an artifact of a registry is unpacked into, it would name itself (CVE-2025-62725).</summary>
    public static ScalarShape HostPath { get; } = new("the path of a file or directory of this machine", static (s, reading) => s.Kind == ScalarKind.Text && s.Text.Length > 0 && !IsElsewhere(s.Text) ? s with { Text = reading.Resolve(s.Text) } : null);

    /// <summary>The path of a file that is read while the project is: absolute in any case.</summary>
    public static ScalarShape ReadPath { get; } = new("the path of a file or directory of this machine", static (s, reading) => s.Kind == ScalarKind.Text && s.Text.Length > 0 && !IsElsewhere(s.Text) ? s with { Text = reading.Absolute(s.Text) } : null);

    /// <summary>Whether a path is an address.</summary>
    public static bool IsElsewhere(string path) => path.Contains("://", StringComparison.Ordinal) || path.StartsWith("git@", StringComparison.Ordinal);

    /// <summary>The permissions of a file: 0440, 0o440, "440".</summary>
    public static ScalarShape FileMode { get; } = new("permissions in octal such as 0440", static (s, _) => ReadMode(s.Text) is { } mode ? Scalar.Of(mode) : null);

    public static ScalarShape Integer(long min = long.MinValue, long max = long.MaxValue) => new(
        min == long.MinValue ? "a whole number" : max == long.MaxValue ? $"a whole number from {min}" : $"a whole number from {min} to {max}",
        (s, _) => long.TryParse(s.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long n) && n >= min && n <= max ? Scalar.Of(n) : null);

    public static ScalarShape Choice(params string[] words) => new("one of " + string.Join(", ", words), (s, _) => words.Contains(s.Text, StringComparer.Ordinal) ? s with { Kind = ScalarKind.Text } : null);

    /// <summary>Characters that pass a test.</summary>
    public static ScalarShape Checked(string expected, Func<string, bool> accepts) => new(expected, (s, _) => s.Kind == ScalarKind.Text && accepts(s.Text) ? s : null);

    /// <summary>The octal permissions as "0440", which is how they are kept; null: they are none.</summary>
    private static string? ReadMode(string text)
    {
        string digits = text.StartsWith("0o", StringComparison.Ordinal) ? text[2..] : text;
        return digits.Length is > 0 and <= 5 && digits.All(c => c is >= '0' and <= '7') ? "0" + digits.TrimStart('0').PadLeft(3, '0') : null;
    }
}
