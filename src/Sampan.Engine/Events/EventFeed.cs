using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Sampan.Engine.Events;

/// <summary>
/// What happened: the last events in a ring, and the new ones for whoever listens. Publishing never waits: a listener
/// that falls too far behind is dropped and told so. Thread-safe.
/// </summary>
public sealed class EventFeed
{
    private const int Remembered = 1024;
    private const int Backlog = 4096;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(49);

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Queue<EngineEvent> _past = new();
    private readonly List<Channel<EngineEvent>> _listeners = [];

    internal EventFeed(TimeProvider time) => _time = time;

    /// <summary>How many listen now.</summary>
    public int ListenerCount
    {
        get
        {
            lock (_gate)
                return _listeners.Count;
        }
    }

    /// <summary>Tells that what was not used is gone.</summary>
    /// <param name="type">Of what: <c>container</c>, <c>image</c>, <c>network</c>, <c>volume</c> or <c>builder</c>.</param>
    /// <param name="bytes">How much that was.</param>
    public void Pruned(string type, long bytes) =>
        Publish(type, "prune", "", new Dictionary<string, string> { ["reclaimed"] = bytes.ToString(CultureInfo.InvariantCulture) });

    /// <summary>Tells that the daemon has read its configuration again.</summary>
    /// <param name="id">The engine's id.</param>
    /// <param name="settings">The machine's name, and what can change so.</param>
    public void Reloaded(string id, IReadOnlyDictionary<string, string> settings) => Publish("daemon", "reload", id, settings);

    /// <summary>Events that are remembered, oldest first.</summary>
    /// <param name="since">Not before; null: all.</param>
    /// <param name="until">Not after; null: all.</param>
    public IReadOnlyList<EngineEvent> Past(DateTimeOffset? since, DateTimeOffset? until)
    {
        lock (_gate)
            return [.. _past.Where(e => Within(e, since, until))];
    }

    /// <summary>Events as they come. With <paramref name="since"/> the remembered ones come first, without a gap or a repetition.</summary>
    /// <param name="since">Not before; null: only new ones, unless <paramref name="until"/> has passed.</param>
    /// <param name="until">Ends the listening at that time; null: never.</param>
    /// <param name="ct">Ends the listening.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Unavailable"/>: the listener was too slow and has been dropped.</exception>
    public async IAsyncEnumerable<EngineEvent> SubscribeAsync(DateTimeOffset? since, DateTimeOffset? until, [EnumeratorCancellation] CancellationToken ct)
    {
        var channel = Channel.CreateBounded<EngineEvent>(new BoundedChannelOptions(Backlog) { SingleReader = true });
        List<EngineEvent> past;
        lock (_gate)
        {
            past = since is null && until is null ? [] : [.. _past.Where(e => Within(e, since, until))];
            _listeners.Add(channel);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        ITimer? timer = null;
        try
        {
            foreach (var one in past)
                yield return one;
            if (until is { } end)
            {
                var left = end - _time.GetUtcNow();
                if (left <= TimeSpan.Zero)
                    yield break;
                // What is further away than a timer can tell, nobody waits for.
                if (left < LongestWait)
                    timer = _time.CreateTimer(_ => channel.Writer.TryComplete(), null, left, Timeout.InfiniteTimeSpan);
            }

            await foreach (var one in channel.Reader.ReadAllAsync(ending.Token))
            {
                if (Within(one, since, until))
                    yield return one;
            }
        }
        finally
        {
            timer?.Dispose();
            lock (_gate)
                _listeners.Remove(channel);
        }
    }

    /// <summary>Tells everybody.</summary>
    internal void Publish(string type, string action, string actorId, IReadOnlyDictionary<string, string>? attributes = null)
    {
        lock (_gate)
        {
            var one = new EngineEvent { Type = type, Action = action, ActorId = actorId, Attributes = attributes ?? new Dictionary<string, string>(), Time = _time.GetUtcNow() };
            if (_past.Count == Remembered)
                _past.Dequeue();
            _past.Enqueue(one);
            foreach (var listener in _listeners)
            {
                if (!listener.Writer.TryWrite(one))
                    listener.Writer.TryComplete(new EngineException(ErrorKind.Unavailable, $"the listener fell more than {Backlog} events behind: listen again with 'since'"));
            }
        }
    }

    private static bool Within(EngineEvent one, DateTimeOffset? since, DateTimeOffset? until) =>
        (since is null || one.Time >= since) && (until is null || one.Time <= until);
}
