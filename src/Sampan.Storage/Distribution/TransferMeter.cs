namespace Sampan.Storage.Distribution;

/// <summary>Counts the bytes of one transfer and reports them ten times a second at most. Thread-safe.</summary>
internal sealed class TransferMeter(IProgress<TransferProgress>? progress, string id, string status, long total, TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private long _current;
    private long _told;

    internal void Set(long current)
    {
        lock (_gate)
            _current = current;
    }

    internal void Add(long bytes, bool quietly = false)
    {
        if (progress is null)
            return;
        lock (_gate)
        {
            _current += bytes;
            if (quietly || (_told != 0 && time.GetElapsedTime(_told) < s_pause))
                return;
            _told = time.GetTimestamp();
            progress.Report(new TransferProgress(id, status) { Current = _current, Total = total });
        }
    }
}
