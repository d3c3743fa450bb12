using Sampan.Build;
using Sampan.BuildKit.Protos.Control;
using Sampan.BuildKit.Protos.Gateway;
using Sampan.Server.Docker.Sessions;

namespace Sampan.Server.BuildKit;

/// <summary>
/// What a build told so far, for whoever asks, from the beginning. Bounded: of a build that says more than anybody reads, the rest of what its steps say and
/// its client warns of is left out, never that they began and ended. Thread-safe.
/// </summary>
internal sealed class StatusFeed(BuildTrace trace) : IProgress<BuildMessage>
{
    private const int MaxBytes = 32 << 20;
    private const int MaxAhead = 1024;

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly List<StatusResponse> _told = [];
    private TaskCompletionSource _changed = New();
    private long _bytes;
    private int _read;
    private int _readers;
    private bool _isOver;

    /// <inheritdoc/>
    public void Report(BuildMessage value)
    {
        lock (_gate)
        {
            var status = new StatusResponse();
            trace.Add(status, value);
            Add(status);
        }
    }

    /// <summary>Whether nothing more is told.</summary>
    internal bool IsOver
    {
        get
        {
            lock (_gate)
                return _isOver;
        }
    }

    /// <summary>The build failed.</summary>
    internal void Fail(string error)
    {
        lock (_gate)
        {
            var status = new StatusResponse();
            trace.Fail(status, error);
            Add(status);
        }
    }

    /// <summary>The client warns of something in its own build.</summary>
    internal void Warn(WarnRequest warning)
    {
        lock (_gate)
            Add(new StatusResponse { Warnings = { new VertexWarning { Vertex = warning.Digest, Level = warning.Level, Short = warning.Short, Detail = { warning.Detail }, Url = warning.Url, Info = warning.Info, Ranges = { warning.Ranges } } } });
    }

    /// <summary>Nothing more is told.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _isOver = true;
            _changed.TrySetResult();
        }
    }

    /// <summary>Gives all that was told and is told, until the end.</summary>
    internal async Task ReadAsync(Func<StatusResponse, Task> write, CancellationToken ct)
    {
        lock (_gate)
            _readers++;
        try
        {
            for (var at = 0; ;)
            {
                StatusResponse? next = null;
                Task changed;
                lock (_gate)
                {
                    if (at < _told.Count)
                        next = Merged(ref at);
                    else if (_isOver)
                        return;
                    if (at > _read)
                    {
                        _read = at;
                        Change();
                    }
                    changed = _changed.Task;
                }
                if (next is null)
                    await changed.WaitAsync(ct).ConfigureAwait(false);
                else
                    await write(next).ConfigureAwait(false);
            }
        }
        finally
        {
            lock (_gate)
            {
                _readers--;
                Change();
            }
        }
    }

    /// <summary>Waits while somebody reads who has much before them.</summary>
    internal async Task RoomAsync(CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_isOver || _readers == 0 || _told.Count - _read < MaxAhead)
                    return;
                changed = _changed.Task;
            }
            await changed.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Many small messages become one.
    private StatusResponse Merged(ref int at)
    {
        var first = _told[at++];
        if (at == _told.Count)
            return first;
        var whole = first.Clone();
        for (var size = whole.CalculateSize(); at < _told.Count && size < 1 << 18; at++)
        {
            whole.MergeFrom(_told[at]);
            size += _told[at].CalculateSize();
        }
        return whole;
    }

    private void Add(StatusResponse status)
    {
        if (_bytes > MaxBytes)
        {
            status.Logs.Clear();
            status.Warnings.Clear();
        }
        var size = status.CalculateSize();
        if (size == 0)
            return;
        _bytes += size;
        _told.Add(status);
        Change();
    }

    private void Change()
    {
        var changed = _changed;
        if (!_isOver)
            _changed = New();
        changed.TrySetResult();
    }
}
