namespace Sampan.Engine.Logs.Drivers;

/// <summary>
/// What <c>mode=non-blocking</c> keeps for a receiver that is slow: so many bytes of entries; what comes when it is full is dropped, as in Docker.
/// One writer, one reader.
/// </summary>
internal sealed class LogBuffer(long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<LogEntry> _entries = new();
    private readonly SemaphoreSlim _filled = new(0);
    private long _bytes;
    private bool _ended;

    /// <summary>Entries dropped so far.</summary>
    public long Dropped { get; private set; }

    /// <summary>Puts an entry in, or drops it.</summary>
    public void Add(LogEntry entry)
    {
        lock (_gate)
        {
            if (_entries.Count > 0 && _bytes + entry.Text.Length > maxBytes)
            {
                Dropped++;
                return;
            }

            _bytes += entry.Text.Length;
            _entries.Enqueue(entry);
        }

        _filled.Release();
    }

    /// <summary>Nothing more comes.</summary>
    public void End()
    {
        lock (_gate)
            _ended = true;
        _filled.Release();
    }

    /// <summary>The oldest entry, waiting for one; null: nothing more comes.</summary>
    public async Task<LogEntry?> TakeAsync(CancellationToken ct)
    {
        await _filled.WaitAsync(ct);
        lock (_gate)
        {
            if (!_entries.TryDequeue(out var entry))
                return _ended ? null : throw new InvalidOperationException("an empty log buffer was said to be filled");
            _bytes -= entry.Text.Length;
            return entry;
        }
    }
}
