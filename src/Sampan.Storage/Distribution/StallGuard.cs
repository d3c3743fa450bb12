namespace Sampan.Storage.Distribution;

/// <summary>A token that is cancelled when nothing has happened for a while, or when the caller's is.</summary>
internal sealed class StallGuard : IDisposable
{
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _outer;

    internal StallGuard(TimeSpan patience, TimeProvider time, CancellationToken outer)
    {
        _patience = patience;
        _outer = outer;
        _source = new CancellationTokenSource(patience, time);
        _registration = outer.UnsafeRegister(static source => ((CancellationTokenSource?)source)?.Cancel(), _source);
    }

    internal CancellationToken Token => _source.Token;

    /// <summary>True if it was the waiting that became too long.</summary>
    internal bool Stalled => _source.IsCancellationRequested && !_outer.IsCancellationRequested;

    /// <summary>Something happened: the time starts again.</summary>
    internal void Touch()
    {
        if (!_source.IsCancellationRequested)
            _source.CancelAfter(_patience);
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
