using Microsoft.Win32.SafeHandles;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Content;

/// <summary>
/// How far a blob that is being fetched is there without a gap, for who reads it meanwhile. It is <em>torn</em> when what was read may be
/// wrong or no more will come: the reader then fails, and what it made of it is worth nothing. Thread-safe.
/// </summary>
/// <param name="size">Its bytes.</param>
internal sealed class BlobArrival(long size) : IDisposable
{
    private readonly TaskCompletionSource<bool> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards what follows; pulsed when it changes.
    private readonly object _gate = new();
    private SafeFileHandle? _content;
    private long _available;
    private bool _isTorn;

    /// <summary>True when the first byte may come soon, false when none will.</summary>
    internal Task<bool> Begun => _begun.Task;

    internal bool IsWhole
    {
        get
        {
            lock (_gate)
                return _available == size && !_isTorn;
        }
    }

    /// <summary>Its bytes are in this file from now on, wherever that is moved to.</summary>
    internal void Begin(string path)
    {
        lock (_gate)
            _content ??= File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        _begun.TrySetResult(true);
    }

    /// <summary>All bytes before this one are there.</summary>
    internal void Reach(long available)
    {
        lock (_gate)
        {
            if (available <= _available)
                return;
            _available = available;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>What was read may be wrong.</summary>
    internal void Tear()
    {
        lock (_gate)
        {
            _isTorn = true;
            Monitor.PulseAll(_gate);
        }
        _begun.TrySetResult(false);
    }

    /// <summary>Nothing more will come: torn, unless all is there.</summary>
    internal void End()
    {
        if (!IsWhole)
            Tear();
    }

    /// <summary>Reads it from the beginning, waiting for what is not there yet.</summary>
    internal Stream OpenRead(CancellationToken ct) => new Reader(this, ct);

    public void Dispose()
    {
        Tear();
        _content?.Dispose();
    }

    private int Read(Span<byte> buffer, long position, CancellationToken ct)
    {
        SafeFileHandle content;
        long available;
        lock (_gate)
        {
            while (position == _available && position != size && !_isTorn && !ct.IsCancellationRequested)
                Monitor.Wait(_gate);
            ct.ThrowIfCancellationRequested();
            if (_isTorn || _content is null)
                throw new IOException("the blob is not coming on");
            (content, available) = (_content, _available);
        }
        return RandomAccess.Read(content, buffer[..(int)Math.Min(buffer.Length, available - position)], position);
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private sealed class Reader : ReadOnlyStream
    {
        private readonly BlobArrival _blob;
        private readonly CancellationToken _ct;
        private readonly CancellationTokenRegistration _cancelled;
        private long _position;

        internal Reader(BlobArrival blob, CancellationToken ct)
        {
            (_blob, _ct) = (blob, ct);
            _cancelled = ct.Register(blob.Wake);
        }

        public override int Read(Span<byte> buffer)
        {
            var count = _blob.Read(buffer, _position, _ct);
            _position += count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _cancelled.Dispose();
            base.Dispose(disposing);
        }
    }
}
