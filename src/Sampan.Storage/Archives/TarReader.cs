using System.Buffers;

namespace Sampan.Storage.Archives;

/// <summary>
/// Reads a tar archive as it streams by: ustar, PAX with extended attributes, GNU long names and base-256 numbers.
/// </summary>
/// <remarks>
/// Not <c>System.Formats.Tar</c>: that decodes names as UTF-8 and so loses others' bytes, cuts times to 100 ns, rejects some entries
/// that Go's writer makes, keeps no limits on entries and headers, and copies every header into dictionaries.
/// Sparse files are refused: no image tool writes them into layers, and their maps are a classic way to make a small archive large.
/// </remarks>
internal sealed class TarReader : IDisposable
{
    private const int BlockSize = 512;
    private const int BufferSize = 256 * 1024;

    private readonly Stream _stream;
    private readonly ArchiveLimits _limits;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;
    private long _remaining;
    private int _padding;
    private long _entries;
    private bool _ended;

    internal TarReader(Stream stream, ArchiveLimits? limits = null)
    {
        _stream = stream;
        _limits = limits ?? ArchiveLimits.Default;
    }

    /// <summary>Bytes of the current file that were not read yet.</summary>
    internal long Remaining => _remaining;

    /// <summary>The next entry, or null at the end; what was not read of the current one is skipped.</summary>
    /// <exception cref="StorageException">Corrupt: the archive is truncated or no tar. NotSupported: sparse files. InvalidInput: a limit.</exception>
    internal TarEntry? Next()
    {
        Skip(_remaining + _padding);
        _remaining = _padding = 0;
        PaxRecords? pax = null;
        string? longName = null;
        string? longLink = null;
        while (true)
        {
            var block = ReadHeader();
            if (block.IsEmpty)
                return pax is null && longName is null && longLink is null ? null : throw Corrupt("it ends after an extended header");
            if (++_entries > _limits.MaxEntries)
                throw new StorageException(StorageError.InvalidInput, $"the archive has more than {_limits.MaxEntries} entries: refused");
            var header = TarHeader.Parse(block);
            switch (header.Type)
            {
                case (byte)'x':
                    pax = PaxRecords.TryParse(ReadSmall(header.Size), out var reason) ?? throw Corrupt(reason);
                    break;
                case (byte)'g':
                    // Global records: git's commit id, nothing that concerns files. Docker's reader passes them by too.
                    _ = ReadSmall(header.Size);
                    break;
                case (byte)'L':
                    longName = RawName.Of(TarField.Text(ReadSmall(header.Size)));
                    break;
                case (byte)'K':
                    longLink = RawName.Of(TarField.Text(ReadSmall(header.Size)));
                    break;
                default:
                    return Begin(header.ToEntry(pax, longName, longLink, _limits));
            }
        }
    }

    /// <summary>Reads content of the current file; 0 at its end.</summary>
    internal int Read(Span<byte> destination)
    {
        var want = (int)Math.Min(destination.Length, _remaining);
        if (want == 0)
            return 0;
        if (_start == _end)
        {
            // Large reads go past the buffer.
            if (want >= BufferSize / 4)
            {
                var direct = _stream.Read(destination[..want]);
                if (direct == 0)
                    throw Truncated();
                _remaining -= direct;
                return direct;
            }
            Fill();
        }
        var count = Math.Min(want, _end - _start);
        if (count == 0)
            throw Truncated();
        _buffer.AsSpan(_start, count).CopyTo(destination);
        _start += count;
        _remaining -= count;
        return count;
    }

    /// <summary>The whole content of the current file.</summary>
    /// <exception cref="StorageException">InvalidInput: it is larger than <paramref name="limit"/>.</exception>
    internal byte[] ReadAll(int limit)
    {
        if (_remaining > limit)
            throw new StorageException(StorageError.InvalidInput, $"a document of {_remaining} bytes in the archive is larger than the {limit} allowed");
        var content = new byte[_remaining];
        for (var read = 0; read < content.Length;)
            read += Read(content.AsSpan(read));
        return content;
    }

    /// <summary>Reads to the end of the stream: padding behind the archive is part of what its digest covers.</summary>
    internal void Drain()
    {
        do
        {
            _start = _end = 0;
            Fill();
        }
        while (_end > 0);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private TarEntry Begin(TarEntry entry)
    {
        _remaining = entry.Size;
        _padding = (int)(-entry.Size & (BlockSize - 1));
        return entry;
    }

    // Two zero blocks end an archive. Without them it was cut off, perhaps at a block boundary where nothing else would tell.
    private ReadOnlySpan<byte> ReadHeader()
    {
        if (_ended)
            return [];
        var block = ReadBlock();
        if (block.ContainsAnyExcept((byte)0))
            return block;
        if (TryReadBlock(out block) && block.ContainsAnyExcept((byte)0))
            throw Corrupt("an empty block stands between two entries");
        _ended = true;
        return [];
    }

    private ReadOnlySpan<byte> ReadBlock() => TryReadBlock(out var block) ? block : throw Truncated();

    private bool TryReadBlock(out ReadOnlySpan<byte> block)
    {
        while (_end - _start < BlockSize)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }
            var count = _stream.Read(_buffer, _end, BufferSize - _end);
            if (count == 0)
            {
                block = [];
                return false;
            }
            _end += count;
        }
        block = _buffer.AsSpan(_start, BlockSize);
        _start += BlockSize;
        return true;
    }

    private byte[] ReadSmall(long size)
    {
        if (size > _limits.MaxHeaderBytes)
            throw new StorageException(StorageError.InvalidInput, $"an extended header of {size} bytes in the archive is larger than the {_limits.MaxHeaderBytes} allowed");
        _remaining = size;
        var content = ReadAll(_limits.MaxHeaderBytes);
        Skip(-size & (BlockSize - 1));
        return content;
    }

    private void Skip(long count)
    {
        while (count > 0)
        {
            if (_start == _end)
                Fill();
            var step = (int)Math.Min(count, _end - _start);
            if (step == 0)
                throw Truncated();
            _start += step;
            count -= step;
        }
    }

    private void Fill()
    {
        _start = 0;
        _end = _stream.Read(_buffer, 0, BufferSize);
    }

    private static StorageException Truncated() => Corrupt("it ends too early; it was cut off while it was written or sent");

    private static StorageException Corrupt(string why) => new(StorageError.Corrupt, $"damaged tar archive: {why}");
}
