namespace Sampan.Runtime.Commands;

/// <summary>One option of a command: what the parser takes and what <c>--help</c> shows.</summary>
/// <param name="Name">The long name, without dashes.</param>
/// <param name="Kind">What follows it.</param>
/// <param name="Text">What it does, one clause for the help.</param>
internal sealed record CommandOption(string Name, OptionKind Kind, string Text)
{
    /// <summary>A one-letter name, or null.</summary>
    internal string? Short { get; init; }

    internal static CommandOption Switch(string name, string text, string? letter = null) => new(name, OptionKind.Switch, text) { Short = letter };

    internal static CommandOption Value(string name, string text, string? letter = null) => new(name, OptionKind.Value, text) { Short = letter };

    internal static CommandOption List(string name, string text, string? letter = null) => new(name, OptionKind.List, text) { Short = letter };

    internal bool IsNamed(string name) => name == Name || name == Short;
}
