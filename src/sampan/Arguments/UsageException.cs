namespace Sampan.Cli.Arguments;

/// <summary>A command line that can't be understood. The message is complete, usage and hint included.</summary>
internal sealed class UsageException(string message, int exitCode) : Exception(message)
{
    public int ExitCode => exitCode;

    /// <summary>An option that is unknown, lacks its value or has a wrong one: docker's exit code for that is 125.</summary>
    public static UsageException BadOption(CommandPath path, string what) => new($"{what}\n\nUsage:  {path.Usage}\n\nRun '{path} --help' for more information", 125);

    /// <summary>Too few or too many words.</summary>
    public static UsageException BadCount(CommandPath path, string what, string verb) =>
        new($"{CommandPath.Program}: '{path}' {what}\n\nUsage:  {path.Usage}\n\n{verb} '{path} --help' for more information", 1);

    public static UsageException UnknownCommand(CommandPath path, string word) =>
        new($"{CommandPath.Program}: unknown command: {path} {word}\n{(path.IsRoot ? "" : $"\nUsage:  {path}\n")}\nRun '{path} --help' for more information", 1);
}
