namespace Sampan.Runtime;

/// <summary>The program of a container or exec could not be started, in the words and with the exit code that Docker uses.</summary>
/// <param name="step">The step that failed.</param>
/// <param name="message">For example <c>exec: "foo": executable file not found in $PATH</c>.</param>
/// <param name="exitCode">126: it is there and cannot be run; 127: it is not there.</param>
public sealed class StartFailedException(string step, string message, int exitCode) : RuntimeException(step, message)
{
    /// <summary>126 or 127.</summary>
    public int ExitCode { get; } = exitCode;
}
