using System.Globalization;
using System.Text;

namespace Sampan.Cli.Templates;

/// <summary>
/// Reads Go's text/template notation, see https://pkg.go.dev/text/template: text, actions, pipelines, if, with, range, break,
/// continue, comments, variables and trim marks. Named templates are refused: one --format has nobody to share them with.
/// </summary>
internal sealed class TemplateParser
{
    private readonly string _text;
    private readonly Func<string, bool> _isFunction;
    private int _at;
    private int _loops;
    private int _depth;

    /// <summary>Blocks and parentheses inside each other: far more than anybody writes, and few enough for the stack.</summary>
    private const int MaxDepth = 200;
    private readonly List<string> _variables = ["$"];

    private TemplateParser(string text, Func<string, bool> isFunction) => (_text, _isFunction) = (text, isFunction);

    public static IReadOnlyList<Node> Parse(string text, Func<string, bool> isFunction)
    {
        var parser = new TemplateParser(text, isFunction);
        var nodes = parser.ParseList(out string end, out int position);
        return end.Length == 0 ? nodes : throw parser.Error($"unexpected {{{{{end}}}}}", position);
    }

    /// <summary>Nodes up to the end of the text or to {{end}}, {{else}}; <paramref name="end"/> says which.</summary>
    private List<Node> ParseList(out string end, out int position)
    {
        var nodes = new List<Node>();
        while (true)
        {
            int open = _text.IndexOf("{{", _at, StringComparison.Ordinal);
            string text = open < 0 ? _text[_at..] : _text[_at..open];
            bool trimsLeft = open >= 0 && open + 3 < _text.Length && _text[open + 2] == '-' && char.IsWhiteSpace(_text[open + 3]);
            if (trimsLeft) text = text.TrimEnd();
            if (text.Length > 0) nodes.Add(new TextNode(_at, text));
            if (open < 0)
            {
                _at = _text.Length;
                end = "";
                position = _at;
                return nodes;
            }
            _at = open + (trimsLeft ? 3 : 2);
            SkipSpace();
            if (SkipComment()) continue;
            position = _at;
            string word = PeekWord();
            switch (word)
            {
                case "end" or "else":
                    _at += word.Length;
                    end = word;
                    if (word == "end") Close();
                    return nodes;
                case "if" or "with" or "range":
                    _at += word.Length;
                    nodes.Add(ParseBlock(word, position));
                    break;
                case "break" or "continue":
                    if (_loops == 0) throw Error($"{{{{{word}}}}} outside {{{{range}}}}", position);
                    _at += word.Length;
                    Close();
                    nodes.Add(new JumpNode(position, word == "break"));
                    break;
                case "define" or "template" or "block":
                    throw Error($"{{{{{word}}}}} is not supported: a format is one template", position);
                default:
                    nodes.Add(new ActionNode(position, ParsePipeline(Close)));
                    break;
            }
        }
    }

    private Node ParseBlock(string word, int position)
    {
        Enter(position);
        int scope = _variables.Count;
        var pipeline = ParsePipeline(Close);
        if (word == "range") _loops++;
        var then = ParseList(out string end, out int endPosition);
        if (word == "range") _loops--;
        IReadOnlyList<Node> otherwise = [];
        if (end == "else")
        {
            SkipSpace();
            string chained = PeekWord();
            if (chained is "if" or "with" && chained == word)
            {
                // {{else if x}} is an if inside the else that shares its {{end}}.
                int at = _at;
                _at += chained.Length;
                otherwise = [ParseBlock(chained, at)];
                end = "end";
            }
            else
            {
                Close();
                otherwise = ParseList(out end, out endPosition);
            }
        }
        if (end != "end") throw Error(end.Length == 0 ? "unexpected EOF" : $"unexpected {{{{{end}}}}}", endPosition);
        _variables.RemoveRange(scope, _variables.Count - scope);
        _depth--;
        return word switch
        {
            "if" => new IfNode(position, pipeline, then, otherwise),
            "with" => new WithNode(position, pipeline, then, otherwise),
            _ => new RangeNode(position, pipeline, then, otherwise),
        };
    }

    private Pipeline ParsePipeline(Action close)
    {
        SkipSpace();
        int position = _at;
        var (variables, declares) = ParseAssignment();
        var commands = new List<CommandNode>();
        while (true)
        {
            commands.Add(ParseCommand());
            if (Peek() != '|') break;
            _at++;
            SkipSpace();
        }
        // A variable lives from after its declaration on.
        if (declares) _variables.AddRange(variables);
        close();
        return new Pipeline(position, variables, declares, commands);
    }

    private (IReadOnlyList<string> Names, bool Declares) ParseAssignment()
    {
        if (Peek() != '$') return ([], false);
        int start = _at;
        var names = new List<string> { ReadVariable() };
        SkipSpace();
        if (Peek() == ',')
        {
            _at++;
            SkipSpace();
            if (Peek() == '$') names.Add(ReadVariable());
            SkipSpace();
        }
        if (Take(":=")) return (names, true);
        if (Peek() == '=' && Take("=")) return (names, false);
        _at = start;
        return ([], false);
    }

    private CommandNode ParseCommand()
    {
        SkipSpace();
        int position = _at;
        var words = new List<Node>();
        while (true)
        {
            SkipSpace();
            char c = Peek();
            if (c is '\0') throw Error("unclosed action", _at);
            if (c is '|' or ')' || AtClose()) break;
            words.Add(ParseOperand());
        }
        return words.Count > 0 ? new CommandNode(position, words) : throw Error("missing value for command", position);
    }

    private Node ParseOperand()
    {
        int position = _at;
        Node? node = ParseTerm();
        var fields = new List<string>();
        int chain = position;
        while (Peek() == '.' && _at + 1 < _text.Length && (char.IsLetter(_text[_at + 1]) || _text[_at + 1] == '_'))
        {
            if (fields.Count == (node is null ? 1 : 0)) chain = _at;
            _at++;
            fields.Add(ReadWord());
        }
        if (fields.Count == 0) return node ?? new FieldNode(position, null, []);
        if (node is LiteralNode literal) throw Error($"unexpected . after term \"{literal.Text}\"", position);
        // Go reports a chain of fields at its second link.
        return new FieldNode(fields.Count > 1 || node is not null ? chain : position, node, fields);
    }

    /// <summary>A term; null for the dot or a field of it, whose fields the caller reads.</summary>
    private Node? ParseTerm()
    {
        int position = _at;
        char c = Peek();
        switch (c)
        {
            case '.' when _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1]):
                return ParseNumber();
            case '.':
                if (_at + 1 >= _text.Length || !(char.IsLetter(_text[_at + 1]) || _text[_at + 1] == '_')) _at++;
                return null;
            case '$':
                string name = ReadVariable();
                return _variables.Contains(name, StringComparer.Ordinal) ? new VariableNode(position, name) : throw Error($"undefined variable \"{name}\"", position);
            case '(':
                _at++;
                Enter(position);
                var group = new GroupNode(position, ParsePipeline(CloseParenthesis));
                _depth--;
                return group;
            case '"' or '`' or '\'':
                return ParseQuoted(c);
        }
        if (char.IsAsciiDigit(c) || c is '-' or '+') return ParseNumber();
        string word = ReadWord();
        return word switch
        {
            "" => throw Error($"unexpected {(c is '{' or '}' ? $"\"{c}\"" : $"bad character U+{(int)c:X4} '{c}'")} in command", position),
            "true" => new LiteralNode(position, true, word),
            "false" => new LiteralNode(position, false, word),
            "nil" => new LiteralNode(position, null, word),
            _ => _isFunction(word) ? new FunctionNode(position, word) : throw Error($"function \"{word}\" not defined", position),
        };
    }

    private void Enter(int position)
    {
        if (++_depth > MaxDepth) throw Error($"nested more than {MaxDepth} deep", position);
    }

    private LiteralNode ParseNumber()
    {
        int position = _at;
        int end = _at;
        while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '.' or '-' or '+' or '_')) end++;
        string text = _text[_at..end];
        _at = end;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long n)) return new LiteralNode(position, n, text);
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out n)) return new LiteralNode(position, n, text);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double d)) return new LiteralNode(position, d, text);
        throw Error($"bad number syntax: \"{text}\"", position);
    }

    private LiteralNode ParseQuoted(char quote)
    {
        int position = _at++;
        var value = new StringBuilder();
        while (true)
        {
            if (_at >= _text.Length || (_text[_at] == '\n' && quote != '`'))
                throw Error(quote switch { '"' => "unterminated quoted string", '`' => "unterminated raw quoted string", _ => "unterminated character constant" }, position);
            char c = _text[_at++];
            if (c == quote) break;
            if (c != '\\' || quote == '`') value.Append(c);
            else value.Append(ReadEscape(position));
        }
        string text = _text[position.._at];
        return new LiteralNode(position, quote == '\'' && value.Length == 1 ? (long)value[0] : value.ToString(), text);
    }

    private string ReadEscape(int position)
    {
        char c = _at < _text.Length ? _text[_at++] : '\0';
        int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0 && _at + digits <= _text.Length && int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) && Rune.IsValid(code))
        {
            _at += digits;
            return new Rune(code).ToString();
        }
        return c switch
        {
            'n' => "\n",
            't' => "\t",
            'r' => "\r",
            'a' => "\a",
            'b' => "\b",
            'f' => "\f",
            'v' => "\v",
            '\\' or '"' or '\'' => c.ToString(),
            _ => throw Error("invalid syntax", position),
        };
    }

    private void Close()
    {
        SkipSpace();
        if (_at + 2 < _text.Length && _text[_at] == '-' && _text.AsSpan(_at + 1).StartsWith("}}"))
        {
            _at += 3;
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
            return;
        }
        if (!Take("}}")) throw Error(_at >= _text.Length ? "unclosed action" : $"unexpected \"{_text[_at]}\" in command", _at);
    }

    private void CloseParenthesis()
    {
        SkipSpace();
        if (!Take(")")) throw Error(_at >= _text.Length ? "unclosed action" : "unclosed left paren", _at);
    }

    private bool AtClose() => _text.AsSpan(_at).StartsWith("}}") || (Peek() == '-' && _text.AsSpan(_at + 1).StartsWith("}}"));

    private bool SkipComment()
    {
        if (!_text.AsSpan(_at).StartsWith("/*")) return false;
        int end = _text.IndexOf("*/", _at, StringComparison.Ordinal);
        if (end < 0) throw Error("unclosed comment", _at);
        _at = end + 2;
        Close();
        return true;
    }

    private string PeekWord()
    {
        int end = _at;
        while (end < _text.Length && (char.IsLetterOrDigit(_text[end]) || _text[end] == '_')) end++;
        return _text[_at..end];
    }

    private string ReadWord()
    {
        string word = PeekWord();
        _at += word.Length;
        return word;
    }

    private string ReadVariable()
    {
        _at++;
        return "$" + ReadWord();
    }

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private bool Take(string text)
    {
        if (!_text.AsSpan(_at).StartsWith(text)) return false;
        _at += text.Length;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
    }

    private TemplateException Error(string message, int position) =>
        new($"template: :{1 + _text.AsSpan(0, Math.Min(position, _text.Length)).Count('\n')}: {message}");
}
