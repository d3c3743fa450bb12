namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>
/// What answers for an id of <c>--ssh</c>: the user's agent behind its socket (<see cref="SocketAgent"/>), or keys of files (<see cref="KeyAgent"/>). Somebody in
/// the build connects, asks as often as it wants, and goes; several may be connected at a time.
/// </summary>
internal interface IAgent : IDisposable
{
    /// <summary>Somebody connects. What is returned answers one message with another.</summary>
    Task<IAgentConnection> ConnectAsync(CancellationToken ct);
}
