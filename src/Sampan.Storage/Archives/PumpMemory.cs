using System.Buffers;
using System.Collections.Concurrent;

namespace Sampan.Storage.Archives;

/// <summary>
/// Buffers of one <see cref="StreamPump"/>: used again while it runs, garbage with it. The shared pool would keep megabytes for a daemon
/// that loads an image once a week.
/// </summary>
internal sealed class PumpMemory : MemoryPool<byte>
{
    private readonly ConcurrentBag<byte[]> _free = [];

    internal const int SegmentSize = 128 * 1024;

    public override int MaxBufferSize => SegmentSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Owner(this, _free.TryTake(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(SegmentSize));

    protected override void Dispose(bool disposing) => _free.Clear();

    private sealed class Owner(PumpMemory pool, byte[] buffer) : IMemoryOwner<byte>
    {
        private byte[]? _buffer = buffer;

        public Memory<byte> Memory => _buffer ?? throw new ObjectDisposedException(nameof(IMemoryOwner<byte>));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _buffer, null) is { } freed)
                pool._free.Add(freed);
        }
    }
}
