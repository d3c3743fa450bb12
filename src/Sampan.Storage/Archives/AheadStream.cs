using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Sampan.Storage.Archives;

/// <summary>
/// Reads a stream ahead on a thread of its own, a MiB at most: inflating and hashing a layer go on while its files are written. What fails
/// there fails here. The source is its maker's to dispose, after this.
/// </summary>
/// <remarks>Read by one thread at a time.</remarks>
internal sealed class AheadStream : ReadOnlyStream
{
    private const int BlockBytes = 256 * 1024;
    private const int MostBlocks = 4;

    private readonly BlockingCollection<(byte[] Block, int Length)> _filled = [];
    private readonly ConcurrentQueue<byte[]> _free = new();
    private readonly SemaphoreSlim _room = new(MostBlocks);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private ExceptionDispatchInfo? _failure;
    private (byte[] Block, int Length) _current = ([], 0);
    private int _used;
    private bool _disposed;

    internal AheadStream(Stream source) =>
        _reading = Task.Factory.StartNew(() => ReadAhead(source), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_used == _current.Length)
        {
            if (_current.Length > 0)
            {
                _free.Enqueue(_current.Block);
                _current = ([], 0);
                _used = 0;
                _room.Release();
            }
            if (!_filled.TryTake(out _current, Timeout.Infinite, _stop.Token))
            {
                _current = ([], 0);
                _failure?.Throw();
                return 0;
            }
        }
        var count = Math.Min(buffer.Length, _current.Length - _used);
        _current.Block.AsSpan(_used, count).CopyTo(buffer);
        _used += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _stop.Cancel();
            _reading.GetAwaiter().GetResult();
            _filled.Dispose();
            _room.Dispose();
            _stop.Dispose();
        }
        base.Dispose(disposing);
    }

    private void ReadAhead(Stream source)
    {
        try
        {
            while (true)
            {
                _room.Wait(_stop.Token);
                var block = _free.TryDequeue(out var known) ? known : GC.AllocateUninitializedArray<byte>(BlockBytes);
                var length = source.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
                if (length > 0)
                    _filled.Add((block, length), _stop.Token);
                if (length < block.Length)
                    return;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Whoever read has had enough.
        }
        catch (Exception failure)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
        }
        finally
        {
            _filled.CompleteAdding();
        }
    }
}
