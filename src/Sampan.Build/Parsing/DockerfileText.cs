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
    /// <summary>The lines of an instruction with two around it, as Docker shows them.</summary>
    /// <param name="name">The file.</param>
    /// <param name="first">The first line, from 1.</param>
    /// <param name="last">The last.</param>
    /// <param name="column">Told with the line; null: not.</param>
    internal string Excerpt(string name, int first, int last, int? column = null)
    {
        var text = new StringBuilder($"{name}:{first}{(column is null ? "" : $":{column}")}\n--------------------\n");
        for (var line = Math.Max(1, first - 2); line <= Math.Min(Lines.Count, last + 2); line++)
            text.Append($"{line,4} | {(line >= first && line <= last ? ">>>" : "   ")} {Lines[line - 1]}\n");
        return text.Append("--------------------\n").ToString();
    }
}
