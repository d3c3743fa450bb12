namespace Sampan.BuildKit.Sessions;

/// <summary>
/// Sessions of clients, by the ids that they gave themselves. A client opens a connection and serves methods on it; a build that names the session
/// calls them. Thread-safe; costs nothing until the first comes.
/// </summary>
public sealed class SessionRegistry(TimeProvider time)
{
    /// <summary>So many sessions there may be at a time.</summary>
    public const int MaxSessions = 256;

    // A build may name its session before the connection is there; so long it waits.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Keeps a place for a session whose connection follows. Dispose it when the connection is over.</summary>
    /// <exception cref="SessionRefusedException">There is one of that id, or there are too many.</exception>
    public SessionPlace Open(SessionFacts facts)
    {
        lock (_gate)
        {
            var place = _places.GetValueOrDefault(facts.Id);
            if (place?.IsTaken == true)
                throw new SessionRefusedException($"session '{facts.Id}' exists already");
            if (_count == MaxSessions)
                throw new SessionRefusedException($"there are {MaxSessions} sessions, no more are taken: end builds that hang");
            if (place is null)
                _places[facts.Id] = place = new Place();
            place.IsTaken = true;
            _count++;
            return new SessionPlace(this, facts, time);
        }
    }

    /// <summary>A session by its id, which may be about to come.</summary>
    /// <exception cref="SessionRefusedException">It did not come in time.</exception>
    public async Task<ClientSession> FindAsync(string id, CancellationToken ct)
    {
        Place? place;
        lock (_gate)
        {
            if (!_places.TryGetValue(id, out place))
                _places[id] = place = new Place();
            place.Waiting++;
        }
        try
        {
            return await place.Session.Task.WaitAsync(s_patience, time, ct);
        }
        catch (TimeoutException)
        {
            throw new SessionRefusedException($"no active session for {id}: the client has not opened it within {s_patience.TotalSeconds} seconds");
        }
        finally
        {
            lock (_gate)
            {
                if (--place.Waiting == 0 && !place.IsTaken && _places.GetValueOrDefault(id) == place)
                    _places.Remove(id);
            }
        }
    }

    internal void Enter(string id, ClientSession session)
    {
        lock (_gate)
            _places[id].Session.TrySetResult(session);
    }

    internal void Leave(string id)
    {
        lock (_gate)
        {
            if (!_places.Remove(id, out var place))
                return;
            _count--;
            place.IsTaken = false;
            // Who waits still, waits for one that never was.
            if (place.Waiting > 0 && !place.Session.Task.IsCompleted)
                _places[id] = place;
        }
    }

    private sealed class Place
    {
        internal TaskCompletionSource<ClientSession> Session { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal bool IsTaken { get; set; }

        internal int Waiting { get; set; }
    }
}
