using System.Text;
using Sampan.Compose.Documents;

namespace Sampan.Compose.Output;

/// <summary>A tree as YAML, in the style of docker's tool: blocks, two blanks a level, quotes only where they are needed.</summary>
public static class YamlText
{
    /// <summary>Writes a tree.</summary>
    public static string Write(Node node)
    {
        var text = new StringBuilder();
        if (node is Mapping { Members.Count: > 0 } mapping) Members(text, mapping, 0);
        else if (node is Sequence { Items.Count: > 0 } list) Items(text, list, 0);
        else text.Append(Inline(node, 0)).Append('\n');
        return text.ToString();
    }

    private static void Members(StringBuilder text, Mapping mapping, int depth, bool startsInLine = false)
    {
        foreach (var member in mapping.Members)
        {
            if (!startsInLine) text.Append(' ', depth * 2);
            startsInLine = false;
            text.Append(Quoted(member.Key)).Append(':');
            Value(text, member.Value, depth);
        }
    }

    private static void Value(StringBuilder text, Node value, int depth)
    {
        if (value is Mapping { Members.Count: > 0 } mapping)
        {
            text.Append('\n');
            Members(text, mapping, depth + 1);
        }
        else if (value is Sequence { Items.Count: > 0 } list)
        {
            text.Append('\n');
            Items(text, list, depth + 1);
        }
        else text.Append(' ').Append(Inline(value, depth)).Append('\n');
    }

    private static void Items(StringBuilder text, Sequence list, int depth)
    {
        foreach (var item in list.Items)
        {
            text.Append(' ', depth * 2).Append("- ");
            if (item is Mapping { Members.Count: > 0 } mapping) Members(text, mapping, depth + 1, startsInLine: true);
            else if (item is Sequence { Items.Count: > 0 } inner)
            {
                text.Length--;
                text.Append('\n');
                Items(text, inner, depth + 1);
            }
            else text.Append(Inline(item, depth)).Append('\n');
        }
    }

    private static string Inline(Node node, int depth) => node switch
    {
        Mapping => "{}",
        Sequence => "[]",
        Scalar { Kind: ScalarKind.Null } => "null",
        Scalar { Kind: ScalarKind.Text } text => text.Text.Contains('\n') && CanBeBlock(text.Text) ? Block(text.Text, depth + 1) : Quoted(text.Text),
        Scalar other => other.Text,
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Whether lines may stand as they are: a blank in front of the first one would be taken as its indentation.</summary>
    private static bool CanBeBlock(string text) => text[0] is not (' ' or '\n' or '\t') && !text.Any(c => char.IsControl(c) && c is not ('\n' or '\t'));

    private static string Block(string text, int depth)
    {
        string lines = text.TrimEnd('\n');
        int ends = text.Length - lines.Length;
        var block = new StringBuilder(ends switch { 0 => "|-", 1 => "|", _ => "|+" });
        foreach (string line in lines.Split('\n')) block.Append('\n').Append(line.Length > 0 ? new string(' ', depth * 2) + line : "");
        if (ends > 1) block.Append('\n', ends - 1);
        return block.ToString();
    }

    private static string Quoted(string text)
    {
        if (text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF')) return Escaped(text);
        if (MeansSomethingElse(text)) return '"' + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';
        return NeedsQuotes(text) ? '\'' + text.Replace("'", "''", StringComparison.Ordinal) + '\'' : text;
    }

    /// <summary>Whether it would be read as something that is no text, here or by older tools, that know yes and no, numbers to the base of 60 and dates.</summary>
    private static bool MeansSomethingElse(string text) =>
        YamlReader.Plain(Position.None, text).Kind != ScalarKind.Text
        || text.ToLowerInvariant() is "y" or "n" or "yes" or "no" or "on" or "off" or ".inf" or "-.inf" or "+.inf" or ".nan"
        || (char.IsAsciiDigit(text[0]) && text.AsSpan().IndexOfAnyExcept("0123456789_:.") < 0 && text.AsSpan().ContainsAny(':', '_'))
        || (text.Length >= 8 && text.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') < 0 && text[4] == '-');

    private static bool NeedsQuotes(string text) =>
        text[0] is ' ' or '#' or '&' or '*' or '!' or '|' or '>' or '\'' or '"' or '%' or '@' or '`' or '{' or '}' or '[' or ']' or ',' or '='
        || (text[0] is '-' or '?' or ':' && (text.Length == 1 || text[1] == ' '))
        || text[^1] is ' ' or ':' || text is "---" or "..." or "<<" || text.StartsWith("--- ", StringComparison.Ordinal)
        || text.Contains(": ", StringComparison.Ordinal) || text.Contains(" #", StringComparison.Ordinal);

    private static string Escaped(string text)
    {
        var result = new StringBuilder("\"");
        foreach (char c in text)
        {
            result.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' => $"\\u{(int)c:X4}",
                _ => c.ToString(),
            });
        }
        return result.Append('"').ToString();
    }
}
