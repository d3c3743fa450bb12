namespace Sampan.Runtime.Supervision;

/// <summary>Bytes that wait to be written: a ring that grows when it must and shrinks to nothing when it is empty for long.</summary>
internal sealed class OutputQueue
{
    private const int FirstSize = 4096;
    private byte[] _ring = [];
    private int _start;

    /// <summary>Bytes that wait.</summary>
    internal int Count { get; private set; }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        var at = (_start + Count) % _ring.Length;
        var first = Math.Min(bytes.Length, _ring.Length - at);
        bytes[..first].CopyTo(_ring.AsSpan(at));
        bytes[first..].CopyTo(_ring);
        Count += bytes.Length;
    }

    /// <summary>The oldest bytes that lie in one piece.</summary>
    internal ReadOnlySpan<byte> Front => _ring.AsSpan(_start, Math.Min(Count, _ring.Length - _start));

    /// <summary>Drops bytes from the front.</summary>
    internal void Drop(int count)
    {
        Count -= count;
        _start = Count == 0 ? 0 : (_start + count) % _ring.Length;
        // A burst must not stay in memory for the rest of the container's life.
        if (Count == 0 && _ring.Length > FirstSize * 16)
            _ring = [];
    }

    private void Reserve(int more)
    {
        if (_ring.Length - Count >= more)
            return;
        var size = Math.Max(FirstSize, _ring.Length);
        while (size - Count < more)
            size = checked(size * 2);
        var grown = new byte[size];
        var count = Count;
        var front = Front;
        front.CopyTo(grown);
        _ring.AsSpan(0, count - front.Length).CopyTo(grown.AsSpan(front.Length));
        (_ring, _start) = (grown, 0);
    }
}
