using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampan.Cli.Arguments;

/// <summary>Readers of option values. Each throws <see cref="FormatException"/> with a message fit to follow 'invalid argument "x" for "--y" flag: '.</summary>
internal static class Values
{
    public static bool Boolean(string text) => text switch
    {
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        // Scripts compare this text with docker's, which is Go's.
        _ => throw new FormatException($"strconv.ParseBool: parsing \"{text}\": invalid syntax"),
    };

    /// <summary>A whole number as Go's flags read it: 16, 0x10, 0o20, 020, 0b10000, 1_000.</summary>
    public static long Integer(string text)
    {
        bool negative = text.StartsWith('-');
        string digits = negative || text.StartsWith('+') ? text[1..] : text;
        int radix = digits.Length < 2 || digits[0] != '0' ? 10 : char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'b' => 2, _ => 8 };
        if (radix != 10) digits = char.IsAsciiLetter(digits[1]) && (radix != 8 || digits[1] is 'o' or 'O') ? digits[2..] : digits[1..];
        // An underscore stands between digits, or behind the letters that tell the radix.
        digits = digits.StartsWith('_') && radix != 10 ? digits[1..] : digits;
        if (digits.Length == 0 || digits.StartsWith('_') || digits.EndsWith('_') || digits.Contains("__", StringComparison.Ordinal)) throw Wrong("invalid syntax");
        Int128 n = 0;
        foreach (char c in digits)
        {
            if (c == '_') continue;
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix) throw Wrong("invalid syntax");
            if (n <= long.MaxValue) n = n * radix + digit;
        }
        if (negative) n = -n;
        return n >= long.MinValue && n <= long.MaxValue ? (long)n : throw Wrong("value out of range");

        FormatException Wrong(string what) => new($"strconv.ParseInt: parsing \"{text}\": {what}");
    }

    /// <summary>A whole number for a field of 32 bits.</summary>
    public static long Integer32(string text) =>
        Integer(text) is >= int.MinValue and <= int.MaxValue and var n ? n : throw new FormatException($"strconv.ParseInt: parsing \"{text}\": value out of range");

    /// <summary>Whether it is an address that everybody reads alike: <c>1.2.3</c>, <c>0x7f.1</c> and <c>010.0.0.1</c> are others to each system, or none.</summary>
    public static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 ? !text.Contains('[') : address.ToString() == text);

    /// <summary>A size with a binary suffix: b, k, kb, kib, m, g, t, p in any case; a fraction is allowed.</summary>
    public static long Bytes(string text)
    {
        string number = text.TrimEnd("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ".ToCharArray());
        string suffix = text[number.Length..].Trim().ToLowerInvariant();
        int power = suffix switch
        {
            "" or "b" => 0,
            "k" or "kb" or "kib" => 1,
            "m" or "mb" or "mib" => 2,
            "g" or "gb" or "gib" => 3,
            "t" or "tb" or "tib" => 4,
            "p" or "pb" or "pib" => 5,
            _ => -1,
        };
        if (text == "-1") return -1;
        if (power < 0 && number.Length > 0) throw new FormatException($"invalid suffix: '{text[number.Length..].Trim()}'");
        if (power < 0 || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal n))
            throw new FormatException($"invalid size: '{text}'");
        try
        {
            for (; power > 0; power--) n *= 1024;
            return (long)n;
        }
        catch (OverflowException e)
        {
            throw new FormatException($"invalid size: '{text}'", e);
        }
    }

    /// <summary>CPUs such as 1.5, in billionths.</summary>
    public static long NanoCpus(string text)
    {
        decimal cpus;
        int slash = text.IndexOf('/');
        if (slash > 0 && decimal.TryParse(text[..slash], NumberStyles.Float, CultureInfo.InvariantCulture, out decimal over)
            && decimal.TryParse(text[(slash + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out decimal under) && under != 0)
            cpus = over / under;
        else if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out cpus))
            throw new FormatException($"failed to parse {text} as a rational number");
        if (Math.Abs(cpus) > long.MaxValue / 1_000_000_000m) throw new FormatException($"{text} is too large");
        decimal nano = cpus * 1_000_000_000m;
        return nano == decimal.Truncate(nano) ? (long)nano : throw new FormatException("value is too precise");
    }

    /// <summary>A time in Go's notation, such as 1h15m30.5s, in nanoseconds.</summary>
    public static long Duration(string text)
    {
        if (TryDuration(text, out long nanoseconds)) return nanoseconds;
        throw new FormatException(text.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c == '.')
            ? $"time: missing unit in duration \"{text}\""
            : $"time: invalid duration \"{text}\"");
    }

    public static bool TryDuration(string text, out long nanoseconds)
    {
        nanoseconds = 0;
        var rest = text.AsSpan();
        bool negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+")) rest = rest[1..];
        if (rest is "0") return true;
        if (rest.IsEmpty) return false;
        decimal total = 0;
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits < 1 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal n)) return false;
            rest = rest[digits..];
            int letters = rest.IndexOfAny("0123456789.");
            var unit = letters < 0 ? rest : rest[..letters];
            decimal scale = unit switch
            {
                "ns" => 1,
                "us" or "µs" or "μs" => 1_000,
                "ms" => 1_000_000,
                "s" => 1_000_000_000,
                "m" => 60_000_000_000,
                "h" => 3_600_000_000_000,
                _ => 0,
            };
            if (scale == 0 || n > long.MaxValue / scale) return false;
            total += n * scale;
            rest = rest[unit.Length..];
        }
        if (total > long.MaxValue) return false;
        nanoseconds = (long)(negative ? -total : total);
        return true;
    }
}
