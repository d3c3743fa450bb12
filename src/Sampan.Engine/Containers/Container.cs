using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Supervision;

namespace Sampan.Engine.Containers;

/// <summary>
/// One container: the gate that orders what changes its life, its present snapshot, and who waits for it.
/// Readers take <see cref="Current"/>, an immutable value, and never wait. Locks are taken in this order: registry, gate, fields.
/// </summary>
internal sealed class Container(ContainerSnapshot snapshot)
{
    /// <summary>Held by start, exit, remove, rename and update; never while waiting for a container to end.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>The stop that comes next is the first half of a restart.</summary>
    public bool IsRestarting { get; set; }

    /// <summary>The exit to come is part of a restart or a forced removal: neither the policy nor <c>--rm</c> act on it.</summary>
    public bool HoldAfterExit
    {
        get => Volatile.Read(ref _holdAfterExit);
        set => Volatile.Write(ref _holdAfterExit, value);
    }

    /// <summary>The processes are frozen, whatever the state: a stop of a paused container goes by way of Stopping.</summary>
    public bool Frozen { get; set; }

    /// <summary>How long it has been running, whatever becomes of the machine's clock; zero: it has not.</summary>
    public TimeSpan RunsFor(TimeProvider time) => Volatile.Read(ref _runsSince) is var since and not 0 ? _ranBefore + time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>A run begins, or goes on that another daemon began.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="startedAt">When it was begun; null: now.</param>
    public void BeginRun(TimeProvider time, DateTimeOffset? startedAt = null)
    {
        var before = startedAt is { } started ? time.GetUtcNow() - started : TimeSpan.Zero;
        _ranBefore = before > TimeSpan.Zero ? before : TimeSpan.Zero;
        Volatile.Write(ref _runsSince, time.GetTimestamp());
    }

    private TimeSpan _ranBefore;
    private long _runsSince;
    /// <summary>It is about to be stopped: its service gives it no new connections.</summary>
    public bool Draining
    {
        get => Volatile.Read(ref _draining);
        set => Volatile.Write(ref _draining, value);
    }

    private bool _draining;
    private bool _holdAfterExit;
    private readonly Lock _fields = new();
    private volatile ContainerSnapshot _current = snapshot;
    private ISupervisor? _supervisor;
    private readonly List<PendingWire> _pending = [];
    private TaskCompletionSource<ExitStatus> _exit = New();
    private readonly TaskCompletionSource<ExitStatus> _removed = New();
    private readonly CancellationTokenSource _gone = new();

    /// <summary>64 hexadecimal digits.</summary>
    public string Id { get; } = snapshot.Id;

    /// <summary>All that is known now.</summary>
    public ContainerSnapshot Current => _current;

    /// <summary>The line to the process, while there is one.</summary>
    public ISupervisor? Supervisor
    {
        get
        {
            lock (_fields)
                return _supervisor;
        }
    }

    /// <summary>Replaces the snapshot.</summary>
    public ContainerSnapshot Update(Func<ContainerSnapshot, ContainerSnapshot> change)
    {
        ContainerSnapshot before, after;
        lock (_fields)
        {
            before = _current;
            _current = after = change(before);
        }

        if (!ReferenceEquals(before.State, after.State))
            Moved?.Invoke(this);
        return after;
    }

    /// <summary>Told of each change of the state, after it.</summary>
    public Action<Container>? Moved { private get; set; }

    /// <summary>Moves the state by the table.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.Internal"/>: the table has no such move.</exception>
    public ContainerSnapshot Move(ContainerState to) => Update(c => StateTable.Allows(c.State, to)
        ? c with { State = to }
        : throw new EngineException(ErrorKind.Internal, $"container {Short} cannot move from {c.State.Word} to {to.Word}"));

    /// <summary>The id as people see it.</summary>
    public string Short => Id[..12];

    /// <summary>Connects the line and everybody who attached before the start.</summary>
    public IReadOnlyList<PendingWire> Connect(ISupervisor supervisor)
    {
        lock (_fields)
        {
            _supervisor = supervisor;
            IReadOnlyList<PendingWire> waiting = [.. _pending];
            _pending.Clear();
            return waiting;
        }
    }

    /// <summary>Forgets the line.</summary>
    public void Disconnect()
    {
        lock (_fields)
        {
            _supervisor = null;
            Frozen = false;
        }
    }

    /// <summary>The line if there is one; otherwise a place in the queue of those who get theirs at the next start.</summary>
    public (ISupervisor? Supervisor, PendingWire? Pending) Await(AttachOptions options)
    {
        lock (_fields)
        {
            if (_supervisor is { } live)
                return (live, null);
            var pending = new PendingWire(options);
            _pending.Add(pending);
            return (null, pending);
        }
    }

    /// <summary>Leaves the queue.</summary>
    public void Forget(PendingWire pending)
    {
        lock (_fields)
            _pending.Remove(pending);
    }

    /// <summary>Tells those who attached that nothing will come.</summary>
    public void AbandonPending()
    {
        List<PendingWire> waiting;
        lock (_fields)
        {
            waiting = [.. _pending];
            _pending.Clear();
        }

        foreach (var one in waiting)
            one.Completion.TrySetResult(null);
    }

    /// <summary>The next exit, from now on.</summary>
    public Task<ExitStatus> NextExit
    {
        get
        {
            lock (_fields)
                return _exit.Task;
        }
    }

    /// <summary>Completes when the container is gone.</summary>
    public Task<ExitStatus> Removed => _removed.Task;

    /// <summary>Cancelled when the container is gone: ends what reads its log or its counters.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Wakes those who wait for an exit.</summary>
    public void AnnounceExit(ExitStatus status)
    {
        TaskCompletionSource<ExitStatus> waiting;
        lock (_fields)
        {
            waiting = _exit;
            _exit = New();
        }

        waiting.TrySetResult(status);
    }

    /// <summary>Wakes those who wait for the removal, and all others too.</summary>
    public void AnnounceRemoval(ExitStatus status)
    {
        AnnounceExit(status);
        _removed.TrySetResult(status);
        _gone.Cancel();
        AbandonPending();
    }

    private static TaskCompletionSource<ExitStatus> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
