using System.Text;

namespace Sampan.Compose.Interpolation;

/// <summary>
/// The syntax of <c>.env</c> files: <c>NAME=value</c>, <c>export</c> before it, <c>:</c> for <c>=</c>, comments, single quotes (as they stand), double quotes
/// (escapes and variables, over several lines), values without quotes (variables; a comment needs a blank before it), and names alone, which take over
/// what the environment has. Pure and total.
/// </summary>
internal static class EnvFile
{
    /// <summary>The variables in order; <paramref name="lookup"/> gives those from outside, which win over the file's own when one names another.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Parse(string text, Func<string, string?> lookup, Action<int, string> problem, Action<string>? unset = null)
    {
        var values = new List<KeyValuePair<string, string>>();
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new Reader(text.StartsWith('\uFEFF') ? text[1..] : text);
        while (reader.SkipToName())
        {
            int line = reader.Line;
            string name = reader.ReadName();
            if (name.Length == 0 || !IsName(name))
            {
                problem(line, $"unexpected '{Shown(name.Length > 0 ? name : reader.RestOfLine())}': expected NAME=value");
                reader.SkipLine();
                continue;
            }
            try
            {
                string? value = reader.TakeAssignment() ? reader.ReadValue(raw => Template.Substitute(raw, Find, unset)) : lookup(name);
                if (value is null) continue;
                known[name] = value;
                values.Add(new(name, value));
            }
            catch (TemplateException e)
            {
                problem(line, $"{name}: {e.Message}");
                reader.SkipLine();
            }
        }
        return values;

        string? Find(string name) => lookup(name) ?? known.GetValueOrDefault(name);
    }

    /// <summary>The format <c>raw</c>: lines <c>NAME=value</c>, where quotes, dollars and comments behind values are part of the value.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> ParseRaw(string text, Func<string, string?> lookup, Action<int, string> problem)
    {
        var values = new List<KeyValuePair<string, string>>();
        int number = 0;
        foreach (string line in text.Split('\n').Select(l => l.TrimEnd('\r')))
        {
            number++;
            string trimmed = line.TrimStart();
            if (trimmed.Length == 0 || trimmed[0] == '#') continue;
            int equals = trimmed.IndexOf('=');
            string name = equals < 0 ? trimmed.TrimEnd() : trimmed[..equals];
            if (name.Length == 0 || name.Any(char.IsWhiteSpace)) problem(number, $"unexpected '{Shown(trimmed)}': expected NAME=value");
            else if (equals >= 0) values.Add(new(name, trimmed[(equals + 1)..]));
            else if (lookup(name) is { } value) values.Add(new(name, value));
        }
        return values;
    }

    private static bool IsName(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '[' or ']') && !char.IsAsciiDigit(name[0]);

    private static string Shown(string text) => text.Length > 60 ? text[..60] + "…" : text;

    private sealed class Reader(string text)
    {
        private int _at;

        public int Line { get; private set; } = 1;

        public bool SkipToName()
        {
            while (_at < text.Length)
            {
                if (text[_at] == '#') SkipLine();
                else if (char.IsWhiteSpace(text[_at])) Next();
                else return true;
            }
            return false;
        }

        public string ReadName()
        {
            string name = Word();
            if (name != "export" || _at >= text.Length || text[_at] is not (' ' or '\t')) return name;
            SkipBlanks();
            return Word();
        }

        public bool TakeAssignment()
        {
            SkipBlanks();
            if (_at >= text.Length || text[_at] is '\n' or '\r' or '#') return false;
            if (text[_at] is not ('=' or ':')) throw new TemplateException($"unexpected '{Shown(RestOfLine())}': expected '=' behind the name");
            _at++;
            SkipBlanks();
            return true;
        }

        public string ReadValue(Func<string, string> substitute)
        {
            if (_at >= text.Length) return "";
            if (text[_at] == '\'') return Quoted('\'');
            if (text[_at] == '"') return substitute(Unescape(Quoted('"')));
            string rest = RestOfLine();
            SkipLine();
            int comment = -1;
            for (int i = 0; i < rest.Length && comment < 0; i++)
                if (rest[i] == '#' && (i == 0 || rest[i - 1] is ' ' or '\t')) comment = i;
            return substitute((comment >= 0 ? rest[..comment] : rest).TrimEnd());
        }

        public string RestOfLine()
        {
            int end = text.IndexOf('\n', _at);
            return text[_at..(end < 0 ? text.Length : end)].TrimEnd('\r');
        }

        public void SkipLine()
        {
            while (_at < text.Length && text[_at] != '\n') _at++;
            if (_at < text.Length) Next();
        }

        private string Quoted(char quote)
        {
            var (start, line) = (++_at, Line);
            while (_at < text.Length && text[_at] != quote)
            {
                if (quote == '"' && text[_at] == '\\' && _at + 1 < text.Length) Next();
                Next();
            }
            if (_at >= text.Length)
            {
                (_at, Line) = (start, line);
                throw new TemplateException($"the quote {quote} is not closed");
            }
            string value = text[start.._at];
            _at++;
            SkipBlanks();
            if (_at < text.Length && text[_at] is not ('\n' or '\r' or '#')) throw new TemplateException($"unexpected '{Shown(RestOfLine())}' behind the closing quote");
            SkipLine();
            return value;
        }

        private static string Unescape(string value)
        {
            if (!value.Contains('\\')) return value;
            var result = new StringBuilder(value.Length);
            for (int i = 0; i < value.Length; i++)
            {
                if (value[i] != '\\' || i + 1 == value.Length) result.Append(value[i]);
                else
                {
                    i++;
                    result.Append(value[i] switch { 'n' => "\n", 'r' => "\r", 't' => "\t", '"' => "\"", '\\' => "\\", '\'' => "'", '$' => "$$", _ => "\\" + value[i] });
                }
            }
            return result.ToString();
        }

        private string Word()
        {
            int start = _at;
            while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && text[_at] is not ('=' or ':' or '#')) _at++;
            return text[start.._at];
        }

        private void SkipBlanks()
        {
            while (_at < text.Length && text[_at] is ' ' or '\t') _at++;
        }

        private void Next()
        {
            if (text[_at++] == '\n') Line++;
        }
    }
}
