namespace Sampan.Engine;

/// <summary>The one exception that leaves the engine: a kind for machines, one lower-case clause for people.</summary>
public sealed class EngineException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="kind">What the caller's protocol turns into a status.</param>
    /// <param name="message">What, on what, why; no period; values quoted.</param>
    /// <param name="cause">The failure below, if there was one.</param>
    public EngineException(ErrorKind kind, string message, Exception? cause = null)
        : base(message, cause) => Kind = kind;

    /// <summary>Why the operation failed.</summary>
    public ErrorKind Kind { get; }

    internal static EngineException Invalid(string message, Exception? cause = null) => new(ErrorKind.InvalidArgument, message, cause);

    internal static EngineException NotFound(string message) => new(ErrorKind.NotFound, message);

    internal static EngineException Conflict(string message, Exception? cause = null) => new(ErrorKind.Conflict, message, cause);

    internal static EngineException NotSupported(string message) => new(ErrorKind.NotSupported, message);
}
