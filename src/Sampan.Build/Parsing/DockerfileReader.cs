using System.Text;
using System.Text.RegularExpressions;

namespace Sampan.Build.Parsing;

/// <summary>
/// Cuts a Dockerfile into instructions: parser directives, comments, continuation lines, here-documents. See the
/// <see href="https://docs.docker.com/reference/dockerfile/#format">Dockerfile reference, format</see>. Linear in the file's length.
/// </summary>
internal sealed partial class DockerfileReader
{
    private static readonly string[] s_directives = ["syntax", "escape", "check"];

    private readonly IReadOnlyList<string> _lines;
    private readonly Dictionary<string, string> _directives = new(StringComparer.Ordinal);
    private readonly List<RawInstruction> _instructions = [];
    private char _escape = '\\';
    private int _next;

    private DockerfileReader(IReadOnlyList<string> lines) => _lines = lines;

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="DockerfileException">It is too large or malformed.</exception>
    internal static DockerfileText Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > DockerfileLimits.MaxBytes)
            throw new DockerfileException($"the Dockerfile has {bytes.Length} bytes, more than the {DockerfileLimits.MaxBytes} allowed", new SourcePlace(1, 1, 1));
        if (bytes.StartsWith("\ufeff"u8))
            bytes = bytes[3..];
        return Read(Encoding.UTF8.GetString(bytes));
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte})"/>
    internal static DockerfileText Read(string text)
    {
        var lines = DockerfileText.LinesOf(text);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length > DockerfileLimits.MaxLine)
                throw new DockerfileException($"dockerfile line greater than maximum allowed size of {DockerfileLimits.MaxLine}", new SourcePlace(i + 1, DockerfileLimits.MaxLine + 1, i + 1));
        }
        var reader = new DockerfileReader(lines);
        reader.ReadDirectives();
        while (reader.ReadInstruction())
        {
        }
        if (reader._instructions.Count == 0)
            throw new DockerfileException("file with no instructions", new SourcePlace(1, 1, 1));
        return new DockerfileText(lines, reader._directives, reader._escape, reader._instructions);
    }

    /// <summary>Cuts one line, as ONBUILD of a base image has it.</summary>
    internal static RawInstruction ReadOne(string line, SourcePlace place)
    {
        var text = Read(line);
        return text.Instructions.Count == 1
            ? text.Instructions[0] with { Place = place }
            : throw new DockerfileException($"'{line}' is not one instruction", place);
    }

    // Only before everything else; the first line that is none ends them. An unknown one is a comment.
    private void ReadDirectives()
    {
        for (; _next < _lines.Count; _next++)
        {
            var match = Directive().Match(_lines[_next]);
            var name = match.Groups["name"].Value.ToLowerInvariant();
            if (!match.Success || !s_directives.Contains(name))
                return;
            var place = new SourcePlace(_next + 1, 1, _next + 1);
            var value = match.Groups["value"].Value;
            if (!_directives.TryAdd(name, value))
                throw new DockerfileException($"only one {name} parser directive can be used", place);
            if (name == "escape")
                _escape = value is "\\" or "`" ? value[0] : throw new DockerfileException($"invalid ESCAPE '{value}' does not match ` or \\", place);
        }
    }

    private bool ReadInstruction()
    {
        while (_next < _lines.Count && (_lines[_next].AsSpan().Trim().IsEmpty || IsComment(_lines[_next])))
            _next++;
        if (_next == _lines.Count)
            return false;
        var first = _next;
        var column = _lines[first].Length - _lines[first].TrimStart().Length + 1;
        var text = JoinLines();
        var end = text.AsSpan().IndexOfAny(' ', '\t');
        var verb = end < 0 ? text : text[..end];
        var rest = end < 0 ? "" : text[end..].Trim();
        var place = new SourcePlace(first + 1, column, _next);
        var heredocs = ReadHeredocs(verb, rest, place);
        if (_instructions.Count == DockerfileLimits.MaxInstructions)
            throw new DockerfileException($"more than the {DockerfileLimits.MaxInstructions} instructions allowed", place);
        _instructions.Add(new RawInstruction { Verb = verb, Rest = rest, Heredocs = heredocs, Place = place with { LastLine = _next } });
        return true;
    }

    // Comments and empty lines inside of an instruction are dropped; the line after counts on.
    private string JoinLines()
    {
        var joined = new StringBuilder();
        var isFirst = true;
        while (_next < _lines.Count)
        {
            var line = _lines[_next++];
            if (!isFirst && (IsComment(line) || line.AsSpan().Trim().IsEmpty))
                continue;
            line = isFirst ? line.TrimStart() : line;
            isFirst = false;
            if (!Continues(line, out var length))
            {
                joined.Append(line);
                break;
            }
            joined.Append(line, 0, length);
        }
        return joined.ToString().Trim();
    }

    // The escape character, alone, at the end; blanks may follow.
    private bool Continues(string line, out int length)
    {
        length = line.AsSpan().TrimEnd(" \t").Length - 1;
        return length >= 0 && line[length] == _escape && (length == 0 || line[length - 1] != _escape);
    }

    private List<Heredoc> ReadHeredocs(string verb, string rest, SourcePlace place)
    {
        var heredocs = new List<Heredoc>();
        var name = verb.ToUpperInvariant();
        if (name == "ONBUILD")
        {
            var end = rest.AsSpan().IndexOfAny(' ', '\t');
            name = end < 0 ? rest.ToUpperInvariant() : rest[..end].ToUpperInvariant();
        }
        if (name is not ("RUN" or "COPY" or "ADD") || !rest.Contains("<<", StringComparison.Ordinal))
            return heredocs;
        foreach (var word in Words.Split(rest, _escape))
        {
            var match = HeredocWord().Match(word);
            if (!match.Success || match.Groups["name"].Value.Length == 0)
                continue;
            var written = match.Groups["name"].Value;
            var ending = Words.Unquote(written, _escape);
            if (ending.Length == 0)
                continue;
            heredocs.Add(new Heredoc(ending, ReadHeredoc(ending, word, match.Groups["chomp"].Length > 0, place), ending == written, word));
        }
        return heredocs;
    }

    private string ReadHeredoc(string ending, string word, bool chomp, SourcePlace place)
    {
        var content = new StringBuilder();
        while (_next < _lines.Count)
        {
            var line = _lines[_next++];
            line = chomp ? line.TrimStart('\t') : line;
            if (line == ending)
                return content.ToString();
            content.Append(line).Append('\n');
        }
        throw new DockerfileException($"unterminated heredoc '{ending}'", place) { Word = word };
    }

    private static bool IsComment(string line) => line.AsSpan().TrimStart().StartsWith('#');

    [GeneratedRegex(@"^#\s*(?<name>[a-zA-Z][a-zA-Z0-9]*)\s*=\s*(?<value>.+?)\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Directive();

    [GeneratedRegex("^[0-9]*<<(?<chomp>-?)(?<name>[^<]*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HeredocWord();
}
