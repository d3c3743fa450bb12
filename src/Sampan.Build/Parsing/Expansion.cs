using System.Text;

namespace Sampan.Build.Parsing;

/// <summary>
/// Puts variables into a word and takes quotes and escapes away: <c>$name</c>, <c>${name}</c> and the modifiers <c>:-</c> <c>:+</c> <c>:?</c>
/// (also without the colon), <c>#</c> <c>##</c> <c>%</c> <c>%%</c> <c>/</c> <c>//</c>. See the
/// <see href="https://docs.docker.com/reference/dockerfile/#environment-replacement">Dockerfile reference</see>.
/// </summary>
internal sealed class Expansion
{
    private readonly string _text;
    private readonly char _escape;
    private readonly Func<string, string?> _value;
    private readonly SourcePlace _place;
    private readonly bool _keepsQuotes;
    private int _at;
    private int _depth;

    private Expansion(string text, char escape, Func<string, string?> value, SourcePlace place, bool keepsQuotes)
    {
        _text = text;
        _escape = escape;
        _value = value;
        _place = place;
        _keepsQuotes = keepsQuotes;
    }

    /// <summary>One word.</summary>
    /// <param name="word">As written.</param>
    /// <param name="escape">The escape character.</param>
    /// <param name="value">A variable's value; null: it is not set.</param>
    /// <param name="place">For errors.</param>
    /// <exception cref="DockerfileException">A quote or brace is not closed, a modifier unknown, <c>:?</c> strikes, or the result is too large.</exception>
    internal static string Word(string word, char escape, Func<string, string?> value, SourcePlace place) =>
        word.AsSpan().IndexOfAny("$'\"") < 0 && !word.Contains(escape) ? word : new Expansion(word, escape, value, place, keepsQuotes: false).Run();

    /// <summary>Text that is no word, such as a here-document: quotes stay.</summary>
    internal static string Document(string text, char escape, Func<string, string?> value, SourcePlace place) =>
        new Expansion(text, escape, value, place, keepsQuotes: true).Run();

    private string Run() => Until('\0');

    // Up to the stop character, outside of quotes. What a pattern has escaped stays escaped.
    private string Until(char stop, bool isPattern = false)
    {
        var result = new StringBuilder();
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (stop != '\0' && c == stop)
                return result.ToString();
            if (c == '\'' && !_keepsQuotes)
                SingleQuoted(result);
            else if (c == '"' && !_keepsQuotes)
                DoubleQuoted(result);
            else if (c == '$')
                result.Append(Dollar());
            else if (c == _escape)
                Escaped(result, isPattern);
            else
            {
                result.Append(c);
                _at++;
            }
            Check(result.Length);
        }
        return stop == '\0' ? result.ToString() : throw Wrong($"unexpected end of statement while looking for matching {(stop == '}' ? "}" : stop)}");
    }

    private void Escaped(StringBuilder result, bool isPattern)
    {
        _at++;
        if (_at == _text.Length)
            return;
        if (isPattern || _keepsQuotes && _text[_at] != '$' && _text[_at] != _escape)
            result.Append(_escape);
        result.Append(_text[_at++]);
    }

    private void SingleQuoted(StringBuilder result)
    {
        var end = _text.IndexOf('\'', _at + 1);
        if (end < 0)
            throw Wrong("unexpected end of statement while looking for matching single-quote");
        result.Append(_text, _at + 1, end - _at - 1);
        _at = end + 1;
    }

    private void DoubleQuoted(StringBuilder result)
    {
        for (_at++; _at < _text.Length;)
        {
            var c = _text[_at];
            if (c == '"')
            {
                _at++;
                return;
            }
            if (c == '$')
            {
                result.Append(Dollar());
            }
            else if (c == _escape && _at + 1 < _text.Length)
            {
                var next = _text[_at + 1];
                if (next != '"' && next != '$' && next != _escape)
                    result.Append(c);
                result.Append(next);
                _at += 2;
            }
            else
            {
                result.Append(c);
                _at++;
            }
            Check(result.Length);
        }
        throw Wrong("unexpected end of statement while looking for matching double-quote");
    }

    private string Dollar()
    {
        _at++;
        if (_at < _text.Length && _text[_at] == '{')
            return Braces();
        var name = Name();
        return name.Length == 0 ? "$" : _value(name) ?? "";
    }

    private string Braces()
    {
        if (++_depth > DockerfileLimits.MaxNesting)
            throw Wrong($"variables are nested more than {DockerfileLimits.MaxNesting} deep");
        _at++;
        var name = Name();
        if (name.Length == 0)
            throw Wrong("bad substitution");
        if (_at == _text.Length)
            throw Wrong("syntax error: missing '}'");
        var value = _value(name);
        var modifier = _text[_at++];
        string result;
        switch (modifier)
        {
            case '}':
                _depth--;
                return value ?? "";
            case ':':
                if (_at == _text.Length)
                    throw Wrong("syntax error: missing ':' in substitution");
                result = Default(_text[_at++], name, value, isEmpty: string.IsNullOrEmpty(value), colon: true);
                break;
            case '+' or '-' or '?':
                result = Default(modifier, name, value, isEmpty: value is null, colon: false);
                break;
            case '#' or '%':
                var greedy = Take(modifier);
                result = Wildcard.Trim(value ?? "", Until('}', isPattern: true), fromStart: modifier == '#', greedy, _escape);
                break;
            case '/':
                var all = Take('/');
                var pattern = Until('/', isPattern: true);
                _at++;
                var replacement = Until('}');
                if ((value ?? "").Length > DockerfileLimits.MaxLine)
                    throw Wrong($"the value of '{name}' is too long to be searched");
                result = Wildcard.Replace(value ?? "", pattern, replacement, all, _escape);
                break;
            default:
                throw Wrong($"unsupported modifier ({modifier}) in substitution");
        }
        _at++; // the closing brace, which Until found
        _depth--;
        return result;
    }

    private string Default(char modifier, string name, string? value, bool isEmpty, bool colon)
    {
        var word = Until('}');
        return modifier switch
        {
            '+' => isEmpty ? "" : word,
            '-' => isEmpty ? word : value ?? "",
            '?' => isEmpty ? throw Wrong($"{name}: {(word.Length > 0 ? word : colon ? "is not allowed to be empty" : "is not allowed to be unset")}") : value ?? "",
            _ => throw Wrong($"unsupported modifier ({modifier}) in substitution"),
        };
    }

    private bool Take(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
            return false;
        _at++;
        return true;
    }

    // A letter or underscore and what follows; or one of the shell's special names, which are never set.
    private string Name()
    {
        var start = _at;
        if (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || "@*#?-$!".Contains(_text[_at])))
        {
            // "$$" and the like mean themselves outside of braces.
            if (!char.IsAsciiDigit(_text[_at]) && (start == 0 || _text[start - 1] != '{'))
                return "";
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
                _at++;
            return _at > start ? _text[start.._at] : _text[_at++].ToString();
        }
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
            _at++;
        return _text[start.._at];
    }

    private void Check(int length)
    {
        if (length > DockerfileLimits.MaxExpansion)
            throw Wrong($"the expansion is longer than {DockerfileLimits.MaxExpansion} characters");
    }

    private DockerfileException Wrong(string reason) => new($"failed to process \"{Shown()}\": {reason}", _place);

    private string Shown() => _text.Length <= 200 ? _text : _text[..200] + "…";
}
