using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sampan.Cli.Templates;

/// <summary>The functions of text/template and those that docker adds: json, split, join, title, lower, upper, pad, truncate.</summary>
internal static class TemplateFunctions
{
    private const int MaxPadding = 10_000;

    private delegate object? Function(IReadOnlyList<object?> arguments);

    private static readonly Dictionary<string, (int Min, int Max, Function Run)> s_functions = new(StringComparer.Ordinal)
    {
        ["and"] = (1, int.MaxValue, a => a.FirstOrDefault(x => !TemplateValue.IsTrue(x), a[^1])),
        ["or"] = (1, int.MaxValue, a => a.FirstOrDefault(TemplateValue.IsTrue, a[^1])),
        ["not"] = (1, 1, a => !TemplateValue.IsTrue(a[0])),
        ["eq"] = (2, int.MaxValue, a => a.Skip(1).Any(x => AreEqual(a[0], x))),
        ["ne"] = (2, 2, a => !AreEqual(a[0], a[1])),
        ["lt"] = (2, 2, a => Order(a) < 0),
        ["le"] = (2, 2, a => Order(a) <= 0),
        ["gt"] = (2, 2, a => Order(a) > 0),
        ["ge"] = (2, 2, a => Order(a) >= 0),
        ["len"] = (1, 1, a => Length(a[0])),
        ["index"] = (1, int.MaxValue, a => a.Skip(1).Aggregate(a[0], Index)),
        ["slice"] = (1, 3, Slice),
        ["print"] = (0, int.MaxValue, a => PrintWords(a)),
        ["println"] = (0, int.MaxValue, a => string.Join(' ', a.Select(TemplateValue.PrintInner)) + "\n"),
        ["printf"] = (1, int.MaxValue, a => PrintfFormat.Format(Text(a[0]), [.. a.Skip(1)])),
        ["json"] = (1, 1, a => TemplateJson.Write(a[0])),
        ["split"] = (2, 2, a => Text(a[1]).Length == 0 ? Text(a[0]).EnumerateRunes().Select(r => (object?)r.ToString()).ToList() : Text(a[0]).Split(Text(a[1])).Cast<object?>().ToList()),
        ["join"] = (2, 2, a => string.Join(Text(a[1]), (TemplateValue.Enumerate(a[0]) ?? throw new TemplateException($"wrong type for value; expected []string; got {TemplateValue.TypeName(a[0])}")).Select(x => TemplateValue.PrintInner(x.Item)))),
        ["title"] = (1, 1, a => Title(Text(a[0]))),
        ["lower"] = (1, 1, a => Text(a[0]).ToLowerInvariant()),
        ["upper"] = (1, 1, a => Text(a[0]).ToUpperInvariant()),
        ["pad"] = (3, 3, a => Text(a[0]).Length == 0 ? "" : new string(' ', Count(a[1], MaxPadding)) + Text(a[0]) + new string(' ', Count(a[2], MaxPadding))),
        ["truncate"] = (2, 2, a => Text(a[0]).Length < Number(a[1]) ? Text(a[0]) : Text(a[0])[..Count(a[1], Text(a[0]).Length)]),
        ["urlquery"] = (1, int.MaxValue, a => Uri.EscapeDataString(PrintWords(a)).Replace("%20", "+", StringComparison.Ordinal)),
        ["js"] = (1, int.MaxValue, a => Script(PrintWords(a))),
        ["html"] = (1, int.MaxValue, a => PrintWords(a).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal)),
    };

    public static bool Contains(string name) => s_functions.ContainsKey(name);

    public static object? Call(string name, IReadOnlyList<object?> arguments)
    {
        var (min, max, run) = s_functions[name];
        if (arguments.Count >= min && arguments.Count <= max) return run(arguments);
        string want = min == max ? $"want {min}" : $"want at least {min}";
        throw new TemplateException($"wrong number of args for {name}: {want} got {arguments.Count}");
    }

    private static string Text(object? value) => value switch
    {
        string s => s,
        null => throw new TemplateException("invalid value; expected string"),
        _ => throw new TemplateException($"wrong type for value; expected string; got {TemplateValue.TypeName(value)}"),
    };

    private static long Number(object? value) => value is long n ? n : throw new TemplateException($"wrong type for value; expected int; got {TemplateValue.TypeName(value)}");

    /// <summary>A number of characters, not negative and not more than there may be.</summary>
    private static int Count(object? value, int max) => Number(value) is var n && n >= 0 && n <= max ? (int)n : throw new TemplateException($"number out of range: {n}");

    private static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (long a, double b) => a == b,
        (double a, long b) => a == b,
        (JsonElement, _) or (_, JsonElement) => throw new TemplateException("non-comparable types"),
        (null, _) or (_, null) => left is null && right is null,
        _ when left.GetType() == right.GetType() => left.Equals(right),
        _ => throw new TemplateException("incompatible types for comparison"),
    };

    private static int Order(IReadOnlyList<object?> a) => (a[0], a[1]) switch
    {
        (long x, long y) => x.CompareTo(y),
        (long or double, long or double) => Convert.ToDouble(a[0], CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(a[1], CultureInfo.InvariantCulture)),
        (string x, string y) => string.CompareOrdinal(x, y),
        _ => throw new TemplateException("incompatible types for comparison"),
    };

    private static object? Length(object? value) => value switch
    {
        string s => (long)Encoding.UTF8.GetByteCount(s),
        JsonElement { ValueKind: JsonValueKind.Array } a => (long)a.GetArrayLength(),
        JsonElement { ValueKind: JsonValueKind.Object } o => (long)o.EnumerateObject().Count(),
        IReadOnlyList<object?> list => (long)list.Count,
        IReadOnlyDictionary<string, object?> map => (long)map.Count,
        null => 0L,
        _ => throw new TemplateException($"len of type {TemplateValue.TypeName(value)}"),
    };

    private static object? Index(object? value, object? key) => (value, key) switch
    {
        (JsonElement { ValueKind: JsonValueKind.Array } a, long i) => i >= 0 && i < a.GetArrayLength() ? TemplateValue.Of(a[(int)i]) : throw new TemplateException($"index out of range: {i}"),
        (IReadOnlyList<object?> list, long i) => i >= 0 && i < list.Count ? list[(int)i] : throw new TemplateException($"index out of range: {i}"),
        // A key that isn't there gives the zero value, which prints as nothing useful in Go either.
        (JsonElement { ValueKind: JsonValueKind.Object } o, string name) => o.TryGetProperty(name, out var property) ? TemplateValue.Of(property) : IsTextMap(o) ? "" : null,
        (IReadOnlyDictionary<string, object?> map, string name) => map.GetValueOrDefault(name),
        (null, _) => throw new TemplateException("index of untyped nil"),
        (JsonElement or IReadOnlyList<object?> or IReadOnlyDictionary<string, object?>, _) => throw new TemplateException($"cannot index with type {TemplateValue.TypeName(key)}"),
        _ => throw new TemplateException($"can't index item of type {TemplateValue.TypeName(value)}"),
    };

    private static bool IsTextMap(JsonElement map) => map.EnumerateObject().All(p => p.Value.ValueKind == JsonValueKind.String);

    private static object? Slice(IReadOnlyList<object?> a)
    {
        string text = Text(a[0]);
        long from = a.Count > 1 ? Number(a[1]) : 0;
        long to = a.Count > 2 ? Number(a[2]) : text.Length;
        return from >= 0 && from <= to && to <= text.Length ? text[(int)from..(int)to] : throw new TemplateException($"index out of range: {to}");
    }

    private static string PrintWords(IReadOnlyList<object?> a)
    {
        // Go's Sprint puts a space between two values only when neither is a text.
        var text = new StringBuilder();
        for (int i = 0; i < a.Count; i++)
        {
            if (i > 0 && a[i - 1] is not string && a[i] is not string) text.Append(' ');
            text.Append(TemplateValue.PrintInner(a[i]));
        }
        return text.ToString();
    }

    /// <summary>Fit for a text in JavaScript, by the rules of Go's JSEscape.</summary>
    private static string Script(string text)
    {
        var result = new StringBuilder();
        foreach (char c in text)
        {
            if (c is '\\' or '\'' or '"') result.Append('\\').Append(c);
            else if (c is '<' or '>' or '&' or '=' or < ' ' or '\u2028' or '\u2029') result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else result.Append(c);
        }
        return result.ToString();
    }

    private static string Title(string text)
    {
        var result = new StringBuilder(text);
        for (int i = 0; i < result.Length; i++)
            if (i == 0 || !(char.IsLetterOrDigit(result[i - 1]) || result[i - 1] is '_' or '\''))
                result[i] = char.ToUpperInvariant(result[i]);
        return result.ToString();
    }
}
