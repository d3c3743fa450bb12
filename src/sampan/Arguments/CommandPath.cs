namespace Sampan.Cli.Arguments;

/// <summary>A command with the words that led to it: "sampan container ls".</summary>
internal sealed record CommandPath(string Text, Command Command)
{
    /// <summary>The program's name in messages.</summary>
    public const string Program = "sampan";

    public bool IsRoot => Text == Program;

    /// <summary>The line after "Usage:".</summary>
    public string Usage => IsRoot ? $"{Text} [OPTIONS] COMMAND [ARG...]"
        : Command.IsGroup ? $"{Text} COMMAND"
        : $"{Text}{(Command.HasVisibleOptions ? " [OPTIONS]" : "")}{(Command.Arguments.Length > 0 ? " " + Command.Arguments : "")}";

    public CommandPath Below(string word, Command command) => new($"{Text} {word}", command);

    public override string ToString() => Text;
}
