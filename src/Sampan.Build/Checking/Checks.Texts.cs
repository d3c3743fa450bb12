using System.Text.RegularExpressions;
using Sampan.Build.Parsing;

namespace Sampan.Build.Checking;

/// <content>How it is written: letters, empty lines, comments.</content>
internal sealed partial class Checks
{
    private void CheckText()
    {
        var raws = _text.Instructions;
        var upper = raws.Count(raw => raw.Verb == raw.Verb.ToUpperInvariant());
        var lower = raws.Count(raw => raw.Verb == raw.Verb.ToLowerInvariant());
        var isUpper = upper >= lower;
        foreach (var raw in raws)
        {
            var wanted = isUpper ? raw.Verb.ToUpperInvariant() : raw.Verb.ToLowerInvariant();
            if (raw.Verb != wanted)
                Warn("ConsistentInstructionCasing", raw.Place, $"Command '{raw.Verb}' should match the case of the command majority ({(isUpper ? "uppercase" : "lowercase")})");
            CheckLines(raw);
            if (raw.Name == "FROM")
                CheckFrom(raw);
            if (raw.Name is "ENV" or "LABEL" && Words.Split(raw.Rest, _text.Escape) is [var first, ..] && !first.Contains('='))
                Warn("LegacyKeyValueFormat", raw.Place, $"\"{raw.Name} key=value\" should be used instead of legacy \"{raw.Name} key value\" format");
            CheckComment(raw);
        }
    }

    private void CheckFrom(RawInstruction raw)
    {
        var words = Words.Split(raw.Rest, _text.Escape).SkipWhile(word => word.StartsWith("--", StringComparison.Ordinal)).ToList();
        if (words.Count != 3)
            return;
        var (from, keyword, name) = (raw.Verb, words[1], words[2]);
        if (name != name.ToLowerInvariant())
            Warn("StageNameCasing", raw.Place, $"Stage name '{name}' should be lowercase");
        if (keyword != (from == from.ToLowerInvariant() ? keyword.ToLowerInvariant() : keyword.ToUpperInvariant()))
            Warn("FromAsCasing", raw.Place, $"'{keyword}' and '{from}' keywords' casing do not match");
    }

    // An empty line after a continued one: it is dropped today, and ends the instruction for other readers.
    private void CheckLines(RawInstruction raw)
    {
        var last = raw.Heredocs.Count == 0 ? raw.Place.LastLine : raw.Place.Line;
        for (var line = raw.Place.Line; line < last; line++)
        {
            if (_text.Lines[line].AsSpan().Trim().IsEmpty)
            {
                Warn("NoEmptyContinuation", raw.Place with { Line = line + 1, Column = 1, LastLine = line + 1 }, "Empty continuation line");
                return;
            }
        }
    }

    private void CheckComment(RawInstruction raw)
    {
        if (raw.Name is not ("FROM" or "ARG") || raw.Place.Line < 2)
            return;
        var above = _text.Lines[raw.Place.Line - 2].Trim();
        if (!above.StartsWith("# ", StringComparison.Ordinal) || Comment().IsMatch(above))
            return;
        var words = Words.Split(raw.Rest, _text.Escape).SkipWhile(word => word.StartsWith("--", StringComparison.Ordinal)).ToList();
        var name = raw.Name == "ARG" ? words is [var first, ..] ? first.Split('=')[0] : null : words is [_, _, var stage] ? stage : null;
        if (name is not null && above[2..].Split(' ')[0] != name)
            Warn("InvalidDefinitionDescription", raw.Place, $"Comment for {(raw.Name == "ARG" ? "build argument" : "build stage")} should follow the format: `# {name} <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.");
    }

    [GeneratedRegex("^# *(syntax|escape|check) *=", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Comment();
}
