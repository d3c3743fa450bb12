namespace Sampan.Build.Agents;

/// <summary>SSH agents that a client forwards to its build, by the names it gave them.</summary>
internal interface IBuildAgents : IDisposable
{
    /// <summary>Whether the client forwards this agent.</summary>
    Task<bool> HasAsync(string id, CancellationToken ct);

    /// <summary>Talks with the agent for somebody who connected, until either ends.</summary>
    Task TalkAsync(string id, Stream connection, CancellationToken ct);
}
