namespace Sampan.Network;

/// <summary>A network operation failed; the message says what, on what, and why.</summary>
/// <param name="kind">What sort of failure it is: callers decide by this, never by the text.</param>
/// <param name="message">One clause, lower-case, values quoted.</param>
/// <param name="cause">What the kernel said, or null.</param>
public sealed class NetworkException(NetworkError kind, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What sort of failure it is.</summary>
    public NetworkError Kind { get; } = kind;
}
