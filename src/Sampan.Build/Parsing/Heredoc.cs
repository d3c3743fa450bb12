namespace Sampan.Build.Parsing;

/// <summary>A document in the Dockerfile: <c>&lt;&lt;EOF</c> and the lines up to <c>EOF</c>.</summary>
/// <param name="Name">What ends it; the file's name in COPY and ADD.</param>
/// <param name="Content">The lines, each with its end; leading tabs are gone if <c>&lt;&lt;-</c> asked for that.</param>
/// <param name="Expands">Variables are put in (the name was not quoted).</param>
/// <param name="Word">The word that announced it, as written.</param>
internal sealed record Heredoc(string Name, string Content, bool Expands, string Word);
