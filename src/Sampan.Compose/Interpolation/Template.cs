using System.Text;

namespace Sampan.Compose.Interpolation;

/// <summary>
/// A value with variables: <c>$NAME ${NAME} ${NAME:-x} ${NAME-x} ${NAME:?x} ${NAME?x} ${NAME:+x} ${NAME+x}</c>, each x again
/// with variables, <c>$$</c> for a dollar. Pure and bounded; <see cref="TemplateException"/> says what is wrong.
/// </summary>
internal static class Template
{
    private const int MaxDepth = 50;

    // A default of a default of a value that is itself long: what comes out stays below what a file may be.
    private const int MaxLength = 16 << 20;

    /// <summary>Whether there is anything to replace.</summary>
    public static bool HasVariables(string text) => text.Contains('$');

    /// <summary>Replaces the variables; <paramref name="unset"/> is told of each one that is not set and has no default.</summary>
    public static string Substitute(string text, Func<string, string?> lookup, Action<string>? unset = null) => Substitute(text, lookup, unset, 0);

    /// <summary>The variables that a text names, those in the defaults of others too. What is no template names none.</summary>
    public static IReadOnlyList<TemplateVariable> Variables(string text)
    {
        var found = new List<TemplateVariable>();
        Collect(text, found, 0);
        return found;
    }

    private static void Collect(string text, List<TemplateVariable> found, int depth)
    {
        for (int i = text.IndexOf('$'); i >= 0 && i + 1 < text.Length && depth <= MaxDepth; i = i < text.Length ? text.IndexOf('$', i) : -1)
        {
            int start = i + (text[i + 1] == '{' ? 2 : 1), end = start;
            while (end < text.Length && IsNamePart(text[end])) end++;
            if (text[i + 1] == '$' || end == start || !IsNameStart(text[start]))
            {
                i += 2;
                continue;
            }
            string name = text[start..end];
            int close = text[i + 1] == '{' ? ClosingBrace(text, start) : -1;
            string rest = close < 0 ? "" : text[end..close].TrimStart(':');
            string word = rest.Length > 0 ? rest[1..] : "";
            found.Add(new TemplateVariable(name, rest.StartsWith('?'), rest.StartsWith('-') ? word : "", rest.StartsWith('+') ? word : ""));
            Collect(word, found, depth + 1);
            i = close < 0 ? end : close + 1;
        }
    }

    private static string Substitute(string text, Func<string, string?> lookup, Action<string>? unset, int depth)
    {
        if (!HasVariables(text)) return text;
        if (depth > MaxDepth) throw new TemplateException($"variables are nested more than {MaxDepth} levels deep");
        var result = new StringBuilder(text.Length);
        int i = 0;
        while (i < text.Length)
        {
            int dollar = text.IndexOf('$', i);
            if (dollar < 0)
            {
                result.Append(text, i, text.Length - i);
                break;
            }
            result.Append(text, i, dollar - i);
            i = dollar + 1;
            if (i < text.Length && text[i] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (i < text.Length && text[i] == '{')
            {
                int end = ClosingBrace(text, i + 1);
                if (end < 0) throw new TemplateException($"the variable '{Shown(text[dollar..])}' has no closing brace; write '$$' for a dollar");
                result.Append(Braced(text[(i + 1)..end], lookup, unset, depth));
                i = end + 1;
            }
            else if (i < text.Length && IsNameStart(text[i]))
            {
                int start = i;
                while (i < text.Length && IsNamePart(text[i])) i++;
                result.Append(Plain(text[start..i], lookup, unset));
            }
            else result.Append('$');
            if (result.Length > MaxLength) throw new TemplateException($"the value grows beyond {MaxLength} characters");
        }
        return result.ToString();
    }

    private static string Braced(string inner, Func<string, string?> lookup, Action<string>? unset, int depth)
    {
        int end = 0;
        if (inner.Length == 0 || !IsNameStart(inner[0])) throw new TemplateException($"'${{{Shown(inner)}}}' names no variable; write '$$' for a dollar");
        while (end < inner.Length && IsNamePart(inner[end])) end++;
        string name = inner[..end];
        string rest = inner[end..];
        if (rest.Length == 0) return Plain(name, lookup, unset);
        bool orEmpty = rest[0] == ':';
        if (orEmpty) rest = rest[1..];
        if (rest.Length == 0 || rest[0] is not ('-' or '?' or '+'))
            throw new TemplateException($"'${{{Shown(inner)}}}' is no substitution: expected one of :- - :? ? :+ + behind the name");
        string word = rest[1..];
        string? value = lookup(name);
        bool has = value is not null && !(orEmpty && value.Length == 0);
        return rest[0] switch
        {
            '-' => has ? value ?? "" : Substitute(word, lookup, unset, depth + 1),
            '+' => has ? Substitute(word, lookup, unset, depth + 1) : "",
            _ when has => value ?? "",
            _ => throw new TemplateException($"required variable '{name}' is missing a value" + (word.Length > 0 ? ": " + Substitute(word, lookup, unset, depth + 1) : "")),
        };
    }

    private static string Plain(string name, Func<string, string?> lookup, Action<string>? unset)
    {
        if (lookup(name) is { } value) return value;
        unset?.Invoke(name);
        return "";
    }

    /// <summary>The brace that closes, with those of variables inside counted.</summary>
    private static int ClosingBrace(string text, int i)
    {
        int open = 1;
        for (; i < text.Length; i++)
        {
            if (text[i] == '$' && i + 1 < text.Length && text[i + 1] is '{' or '$')
            {
                if (text[i + 1] == '{') open++;
                i++;
            }
            else if (text[i] == '}' && --open == 0) return i;
        }
        return -1;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static string Shown(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
