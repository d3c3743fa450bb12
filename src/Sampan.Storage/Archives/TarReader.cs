using System.Buffers;

namespace Sampan.Storage.Archives;

/// <summary>
/// Reads a tar archive as it streams by: ustar, PAX with extended attributes, GNU long names and base-256 numbers.
/// </summary>
/// <remarks>
/// Not <c>System.Formats.Tar</c>: that decodes names as UTF-8 and so loses others' bytes, cuts times to 100 ns, rejects some entries
/// that Go's writer makes, keeps no limits on entries and headers, and copies every header into dictionaries.
/// Holes of sparse files read as zeros, or are passed over by <see cref="SkipHole"/>: an archive cannot fill the disk with them.
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
    private SparseMap? _sparse;
    private int _part;
    private long _position;

    internal TarReader(Stream stream, ArchiveLimits? limits = null)
    {
        _stream = stream;
        _limits = limits ?? ArchiveLimits.Default;
    }

    /// <summary>The next entry, or null at the end; what was not read of the current one is skipped.</summary>
    /// <exception cref="StorageException">Corrupt: the archive is truncated or no tar. InvalidInput: a limit.</exception>
    internal TarEntry? Next()
    {
        Skip(_remaining);
        SkipPadding();
        _remaining = _padding = 0;
        _sparse = null;
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
                case (byte)'S':
                    return BeginOldSparse(header, header.ToEntry(pax, longName, longLink, _limits));
                default:
                    var entry = Begin(header.ToEntry(pax, longName, longLink, _limits));
                    return pax is { IsSparse: true } && entry.Kind == TarEntryKind.File ? BeginSparse(pax, entry) : entry;
            }
        }
    }

    /// <summary>Passes over a hole of the current file.</summary>
    /// <returns>Its bytes; 0 if there is none here.</returns>
    internal long SkipHole()
    {
        if (_sparse is null)
            return 0;
        var end = _part < _sparse.Parts.Count ? _sparse.Parts[_part].Offset : _sparse.RealSize;
        var hole = Math.Max(0, end - _position);
        _position += hole;
        return hole;
    }

    /// <summary>Reads content of the current file, zeros for its holes; 0 at its end.</summary>
    internal int Read(Span<byte> destination)
    {
        if (_sparse is null || destination.IsEmpty)
            return ReadStored(destination);
        var hole = SkipHole();
        if (hole > 0)
        {
            var zeros = (int)Math.Min(hole, destination.Length);
            _position -= hole - zeros;
            destination[..zeros].Clear();
            return zeros;
        }
        if (_part == _sparse.Parts.Count)
            return 0;
        var (offset, length) = _sparse.Parts[_part];
        var count = ReadStored(destination[..(int)Math.Min(destination.Length, offset + length - _position)]);
        _position += count;
        if (_position == offset + length)
            _part++;
        return count;
    }

    private int ReadStored(Span<byte> destination)
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
        if (_sparse is not null)
            throw new StorageException(StorageError.NotSupported, "a document in the archive is a sparse file: make the archive again without --sparse");
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

    // The map goes on in blocks between the header and the content.
    private TarEntry BeginOldSparse(TarHeader header, TarEntry entry)
    {
        var parts = new List<(long Offset, long Length)>();
        if (!header.TryReadSparse(parts, out var realSize, out var goesOn))
            throw Corrupt("the map of a sparse file has something that is no number");
        while (goesOn)
        {
            var block = ReadBlock();
            if (!SparseMap.TryReadEntries(block, 21, parts))
                throw Corrupt("the map of a sparse file has something that is no number, or is too large");
            goesOn = block[504] != 0;
        }
        return Map(Begin(entry), realSize, parts);
    }

    private TarEntry BeginSparse(PaxRecords pax, TarEntry entry)
    {
        var parts = pax.SparseMajor == 1 ? ReadMap() : pax.SparseParts ?? throw Corrupt("a sparse file has no map");
        return Map(entry, pax.SparseSize ?? throw Corrupt("a sparse file has no size"), parts);
    }

    // Version 1.0: decimal numbers on lines of their own stand before the content, filled up to a block: how many parts, then offset and length of each.
    private List<(long Offset, long Length)> ReadMap()
    {
        var numbers = new List<long>();
        long number = 0;
        var read = 0;
        Span<byte> one = stackalloc byte[1];
        while (numbers.Count == 0 || numbers.Count < 1 + 2 * numbers[0])
        {
            if (ReadStored(one) == 0)
                throw Corrupt("the map of a sparse file is cut off");
            read++;
            if (one[0] == (byte)'\n')
            {
                numbers.Add(number);
                if (numbers[0] > SparseMap.MaxParts)
                    throw Corrupt("the map of a sparse file is too large");
                number = 0;
            }
            else
            {
                var digit = one[0] - '0';
                if (digit is < 0 or > 9 || number > (long.MaxValue - 9) / 10)
                    throw Corrupt("the map of a sparse file has something that is no number");
                number = number * 10 + digit;
            }
        }
        for (var fill = -read & (BlockSize - 1); fill > 0; fill--)
        {
            if (ReadStored(one) == 0)
                throw Corrupt("the map of a sparse file is cut off");
        }
        numbers.RemoveAt(0);
        return SparseMap.Pair(numbers);
    }

    private TarEntry Map(TarEntry entry, long realSize, List<(long Offset, long Length)> parts)
    {
        if (realSize > _limits.MaxLayerBytes)
            throw new StorageException(StorageError.InvalidInput, $"'{RawName.Show(entry.Name)}' in the archive has {realSize} bytes with its holes, more than the {_limits.MaxLayerBytes} allowed");
        _sparse = SparseMap.TryCreate(realSize, parts, out var reason) ?? throw Corrupt(reason);
        if (_sparse.StoredSize != _remaining)
            throw Corrupt($"a sparse file has {_remaining} bytes, its map {_sparse.StoredSize}");
        (_part, _position) = (0, 0);
        return entry with { Size = realSize, IsSparse = true };
    }

    // Two zero blocks end an archive. Without them it was cut off, perhaps at a block boundary where nothing else would tell.
    private ReadOnlySpan<byte> ReadHeader()
    {
        if (_ended)
            return [];
        if (!TryReadBlock(out var block))
        {
            _ended = _limits.MayLackEnd && _start == _end ? true : throw Truncated();
            return [];
        }
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

    // What fills up the last block goes the way of the end's mark.
    private void SkipPadding()
    {
        if (_limits.MayLackEnd && _padding > 0 && _start == _end)
        {
            Fill();
            _ended = _start == _end;
        }
        if (!_ended)
            Skip(_padding);
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
