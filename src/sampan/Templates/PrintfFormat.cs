using System.Globalization;
using System.Text;

namespace Sampan.Cli.Templates;

/// <summary>The verbs of Go's fmt that make sense for text: %v %s %q %d %x %t %f %g %e %T %%, with width, precision, - and 0.</summary>
internal static class PrintfFormat
{
    public static string Format(string format, IReadOnlyList<object?> arguments)
    {
        var result = new StringBuilder();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }
            int start = ++i;
            while (i < format.Length && format[i] is '-' or '0' or '+' or ' ' or '#') i++;
            string flags = format[start..Math.Min(i, format.Length)];
            int width = ReadNumber(format, ref i) ?? 0;
            int? precision = null;
            if (i < format.Length && format[i] == '.')
            {
                i++;
                precision = ReadNumber(format, ref i) ?? 0;
            }
            if (i >= format.Length)
            {
                result.Append("%!(NOVERB)");
                break;
            }
            char verb = format[i];
            if (verb == '%')
            {
                result.Append('%');
                continue;
            }
            if (next >= arguments.Count)
            {
                result.Append("%!").Append(verb).Append("(MISSING)");
                continue;
            }
            result.Append(Pad(One(verb, arguments[next++], precision, flags), width, flags));
        }
        if (next < arguments.Count)
            result.Append("%!(EXTRA ").AppendJoin(", ", arguments.Skip(next).Select(a => $"{TemplateValue.TypeName(a)}={TemplateValue.PrintInner(a)}")).Append(')');
        return result.ToString();
    }

    private static int? ReadNumber(string format, ref int i)
    {
        int start = i;
        while (i < format.Length && char.IsAsciiDigit(format[i]) && i - start < 6) i++;
        return i > start ? int.Parse(format.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture) : null;
    }

    private static string One(char verb, object? value, int? precision, string flags)
    {
        string sign = flags.Contains('+') ? "+" : "";
        switch (verb, value)
        {
            case ('v', _):
                return TemplateValue.PrintInner(value);
            case ('s', string text):
                return precision is { } p && p < text.Length ? text[..p] : text;
            case ('s', not (long or double or bool or null)):
                return TemplateValue.PrintInner(value);
            case ('q', string text):
                return TemplateJson.Quote(text);
            case ('d', long n):
                return n >= 0 ? sign + n.ToString(CultureInfo.InvariantCulture) : n.ToString(CultureInfo.InvariantCulture);
            case ('x', long n):
                return n.ToString("x", CultureInfo.InvariantCulture);
            case ('x', string text):
                return Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
            case ('X', long n):
                return n.ToString("X", CultureInfo.InvariantCulture);
            case ('o', long n):
                return Convert.ToString(n, 8);
            case ('c', long n) when Rune.IsValid((int)n):
                return new Rune((int)n).ToString();
            case ('t', bool b):
                return b ? "true" : "false";
            case ('f', double d):
                return d.ToString("F" + (precision ?? 6).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            case ('g', double d):
                return Output.GoFormat.General(d, precision ?? -1);
            case ('T', _):
                return TemplateValue.TypeName(value);
            default:
                return $"%!{verb}({TemplateValue.TypeName(value)}={TemplateValue.PrintInner(value)})";
        }
    }

    private static string Pad(string text, int width, string flags)
    {
        if (text.Length >= width) return text;
        if (flags.Contains('-')) return text.PadRight(width);
        if (flags.Contains('0') && text.Length > 0 && (char.IsAsciiDigit(text[^1]) || char.IsAsciiHexDigit(text[^1])))
            return text[0] == '-' ? "-" + text[1..].PadLeft(width - 1, '0') : text.PadLeft(width, '0');
        return text.PadLeft(width);
    }
}
