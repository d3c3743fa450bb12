namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>One who talks with an <see cref="IAgent"/>.</summary>
internal interface IAgentConnection : IDisposable
{
    /// <summary>The answer to a message that is allowed.</summary>
    Task<byte[]> AnswerAsync(byte[] message, CancellationToken ct);
}
