namespace Sampan.Cli.Commands;

/// <summary>A command that failed: the message is printed as it is, the exit code returned. An empty message prints nothing.</summary>
internal sealed class CommandException(string message, int exitCode = 1, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode => exitCode;
}
