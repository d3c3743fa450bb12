namespace Sampan.BuildKit.Sessions;

/// <summary>The place of one session in the registry, from before its connection until after it.</summary>
public sealed class SessionPlace : IDisposable
{
    private readonly SessionRegistry _registry;
    private readonly SessionFacts _facts;
    private readonly TimeProvider _time;

    internal SessionPlace(SessionRegistry registry, SessionFacts facts, TimeProvider time)
    {
        _registry = registry;
        _facts = facts;
        _time = time;
    }

    /// <summary>Has the session for as long as its connection lasts and the client answers.</summary>
    /// <param name="connection">Both directions; disposed at the end.</param>
    /// <param name="ct">Ends it.</param>
    public async Task ServeAsync(Stream connection, CancellationToken ct)
    {
        await using var session = new ClientSession(_facts, connection, _time);
        using var stop = ct.Register(session.End);
        _registry.Enter(_facts.Id, session);
        await session.WatchAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _registry.Leave(_facts.Id);
}
