using Sampan.Engine;

namespace Sampan.Build;

/// <summary>A build ended without an image.</summary>
public sealed class BuildException : Exception
{
    /// <param name="kind">Whose fault.</param>
    /// <param name="message">What, on what, why.</param>
    /// <param name="exitCode">What the command of a RUN step ended with; null: no command did.</param>
    /// <param name="cause">The failure below.</param>
    public BuildException(ErrorKind kind, string message, int? exitCode = null, Exception? cause = null)
        : base(message, cause)
    {
        Kind = kind;
        ExitCode = exitCode;
    }

    /// <summary>Whose fault.</summary>
    public ErrorKind Kind { get; }

    /// <summary>What the command of a RUN step ended with; null: no command did.</summary>
    public int? ExitCode { get; }

    /// <summary>What a command that failed left; null: nothing was kept.</summary>
    public FailedState? Failed { get; init; }

    /// <summary>The Dockerfile's lines around what is wrong; null: it has no place, or a step told them.</summary>
    public string? Excerpt { get; init; }

    /// <summary>A step told it with its place: whoever waited for the step has nothing to add.</summary>
    internal bool IsTold { get; init; }

    internal static BuildException Invalid(string message, Exception? cause = null) => new(ErrorKind.InvalidArgument, message, null, cause);
}
