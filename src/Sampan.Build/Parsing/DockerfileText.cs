using System.Globalization;
using System.Text;

namespace Sampan.Build.Parsing;

/// <summary>A Dockerfile cut into instructions.</summary>
/// <param name="Lines">Its lines without their ends, for messages.</param>
/// <param name="Directives"><c># syntax=</c>, <c># escape=</c> and <c># check=</c> at its top, names in small letters.</param>
/// <param name="Escape">Backslash, or the backquote.</param>
/// <param name="Instructions">In their order.</param>
internal sealed record DockerfileText(
    IReadOnlyList<string> Lines,
    IReadOnlyDictionary<string, string> Directives,
    char Escape,
    IReadOnlyList<RawInstruction> Instructions)
{
    private const int MaxShown = 400;

    /// <summary>A text's lines without their ends.</summary>
    internal static string[] LinesOf(string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
            lines[i] = lines[i].EndsWith('\r') ? lines[i][..^1] : lines[i];
        return lines;
    }

    /// <summary>Where an instruction has a word; its beginning if the word is not written there as it is.</summary>
    /// <param name="lines">The Dockerfile's.</param>
    /// <param name="place">The instruction's.</param>
    /// <param name="word">As written.</param>
    internal static SourcePlace PlaceOf(IReadOnlyList<string> lines, SourcePlace place, string word)
    {
        for (var line = place.Line; word.Length > 0 && line <= Math.Min(place.LastLine, lines.Count); line++)
        {
            var text = lines[line - 1];
            // The verb is no word of its own instruction.
            for (var at = text.IndexOf(word, line == place.Line ? Math.Min(place.Column, text.Length) : 0, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.Ordinal))
            {
                if (IsEdge(text, at - 1) && IsEdge(text, at + word.Length))
                    return new SourcePlace(line, at + 1, place.LastLine) { FirstLine = place.FirstLine };
            }
        }
        return place;
    }

    /// <summary>The lines of an instruction with two around it, as Docker shows them.</summary>
    /// <param name="lines">The Dockerfile's.</param>
    /// <param name="name">The file.</param>
    /// <param name="place">The instruction's, or that of a word in it.</param>
    internal static string Excerpt(IReadOnlyList<string> lines, string name, SourcePlace place)
    {
        // What a client sends along that lies elsewhere has a name by chance.
        var shown = name.StartsWith(".dockerfile.", StringComparison.Ordinal) ? "Dockerfile" : name;
        var end = lines is [.., ""] ? lines.Count - 1 : lines.Count;
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{shown}:{place.Line}:{place.Column}\n--------------------\n"));
        for (var line = Math.Max(1, place.FirstLine - 2); line <= Math.Min(end, place.LastLine + 2); line++)
        {
            var content = lines[line - 1];
            text.Append(CultureInfo.InvariantCulture, $"{line,4} | {(line >= place.FirstLine && line <= place.LastLine ? ">>>" : "   ")} {(content.Length <= MaxShown ? content : content[..MaxShown] + "…")}\n");
        }
        return text.Append("--------------------\n").ToString();
    }

    /// <inheritdoc cref="Excerpt(IReadOnlyList{string}, string, SourcePlace)"/>
    internal string Excerpt(string name, SourcePlace place) => Excerpt(Lines, name, place);

    // Words end at blanks, quotes, and where lists and pairs of options do.
    private static bool IsEdge(string text, int at) => at < 0 || at >= text.Length || char.IsWhiteSpace(text[at]) || "\"',=[]\\`".Contains(text[at]);
}
