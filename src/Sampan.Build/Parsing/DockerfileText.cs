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
    IReadOnlyList<RawInstruction> Instructions);
