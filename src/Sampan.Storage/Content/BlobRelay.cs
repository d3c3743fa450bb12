using Sampan.Storage.Archives;

namespace Sampan.Storage.Content;

/// <summary>
/// Hands the bytes of a blob that is being written to who unpacks it meanwhile, a MiB of them at most on the way: nothing has to be read back
/// from the disk. One thread writes, another one reads.
/// </summary>
internal sealed class BlobRelay
{
    private const int MostBytes = 1 << 20;

    private readonly byte[] _ring = GC.AllocateUninitializedArray<byte>(MostBytes);

    // Guards what follows; pulsed when it changes. The ring's bytes between the two numbers are the reader's, the others the writer's.
    private readonly object _gate = new();
    private long _written;
    private long _read;
    private bool _isComplete;
    private bool _isTorn;
    private bool _isUnread;

    /// <summary>Waits until the reader has room for them. Nothing is kept for a reader that has ended.</summary>
    internal void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int at, room;
            lock (_gate)
            {
                while (_written - _read == MostBytes && !_isUnread)
                    Monitor.Wait(_gate);
                if (_isUnread)
                    return;
                at = (int)(_written % MostBytes);
                room = (int)Math.Min(Math.Min(MostBytes - (_written - _read), MostBytes - at), bytes.Length);
            }
            bytes[..room].CopyTo(_ring.AsSpan(at));
            bytes = bytes[room..];
            lock (_gate)
            {
                _written += room;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>That was all.</summary>
    internal void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Nothing more will come: the reader fails, unless it was all.</summary>
    internal void Tear()
    {
        lock (_gate)
        {
            _isTorn = !_isComplete;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The reader has had enough.</summary>
    internal void Leave()
    {
        lock (_gate)
        {
            _isUnread = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Reads what was written, waiting for it.</summary>
    internal Stream OpenRead() => new Reader(this);

    private int Read(Span<byte> buffer)
    {
        int at, count;
        lock (_gate)
        {
            while (_read == _written && !_isComplete && !_isTorn)
                Monitor.Wait(_gate);
            if (_isTorn)
                throw new IOException("the blob is not coming on");
            at = (int)(_read % MostBytes);
            count = (int)Math.Min(Math.Min(_written - _read, MostBytes - at), buffer.Length);
        }
        _ring.AsSpan(at, count).CopyTo(buffer);
        lock (_gate)
        {
            _read += count;
            Monitor.PulseAll(_gate);
        }
        return count;
    }

    private sealed class Reader(BlobRelay relay) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => relay.Read(buffer);
    }
}
