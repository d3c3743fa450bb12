namespace Sampan.BuildKit.Sessions;

/// <summary>A session cannot be had: what the client says of it is wrong, it is not there, or there are too many.</summary>
/// <param name="message">Which, and why.</param>
public sealed class SessionRefusedException(string message) : Exception(message);
