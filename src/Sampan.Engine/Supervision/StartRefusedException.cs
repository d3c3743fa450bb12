namespace Sampan.Engine.Supervision;

/// <summary>A program could not be executed; never leaves the engine.</summary>
internal sealed class StartRefusedException(string message, int exitCode, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>127: there is no such program; 126: it cannot be executed.</summary>
    public int ExitCode { get; } = exitCode;
}
