namespace Sampan.Engine.Logs;

/// <summary>Whole lines of a stream that may grow: what follows the last line end stays until it is whole.</summary>
internal sealed class LineReader(Stream source)
{
    /// <summary>A line longer than this is damage: the supervisor cuts at 16 KiB before escaping.</summary>
    private const int MaxLineBytes = 1 << 20;

    private byte[] _buffer = new byte[32 << 10];
    private int _start;
    private int _end;
    private bool _skipping;

    /// <summary>The next line without its end; null: nothing whole is there at the moment.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken ct)
    {
        while (true)
        {
            var index = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (index >= 0)
            {
                var line = _buffer.AsMemory(_start, index);
                _start += index + 1;
                if (!_skipping)
                    return line;
                _skipping = false;
                continue;
            }

            MakeRoom();
            var read = await source.ReadAsync(_buffer.AsMemory(_end), ct);
            if (read == 0)
                return null;
            _end += read;
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end < _buffer.Length)
            return;
        if (_buffer.Length >= MaxLineBytes)
        {
            _skipping = true;
            _end = 0;
        }
        else
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}
