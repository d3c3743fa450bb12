namespace Sampan.Build.Parsing;

/// <summary>A command: words of its own (<c>["a", "b"]</c>), or one line for the shell.</summary>
/// <param name="Words">The words, or the one line.</param>
/// <param name="IsShell">It is a line for the shell.</param>
internal sealed record CommandWords(IReadOnlyList<string> Words, bool IsShell)
{
    /// <summary>What is run, the shell included.</summary>
    internal IReadOnlyList<string> With(IReadOnlyList<string>? shell) => IsShell ? [.. shell ?? DefaultShell, .. Words] : Words;

    internal static IReadOnlyList<string> DefaultShell { get; } = ["/bin/sh", "-c"];
}
