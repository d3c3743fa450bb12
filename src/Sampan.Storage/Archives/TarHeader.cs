using Sampan.Linux.Files;

namespace Sampan.Storage.Archives;

/// <summary>
/// The fields of one header block
/// (<see href="https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html">pax</see>, ustar interchange format):
/// <code>
///   0 name 100 · 100 mode 8 · 108 uid 8 · 116 gid 8 · 124 size 12 · 136 mtime 12 · 148 checksum 8 · 156 type 1 · 157 linkname 100
/// 257 magic 6 · 263 version 2 · 265 uname 32 · 297 gname 32 · 329 devmajor 8 · 337 devminor 8 · 345 prefix 155
/// </code>
/// </summary>
internal readonly ref struct TarHeader
{
    private readonly ReadOnlySpan<byte> _block;

    private TarHeader(ReadOnlySpan<byte> block, long size)
    {
        _block = block;
        Size = size;
    }

    internal byte Type => _block[156];

    internal long Size { get; }

    /// <summary>Checks the block's checksum and its size field.</summary>
    internal static TarHeader Parse(ReadOnlySpan<byte> block)
    {
        if (!TarField.TryNumber(block.Slice(148, 8), out var checksum) || !HasChecksum(block, checksum))
            throw Corrupt("a header's checksum is wrong; is it a tar archive?");
        if (!TarField.TryNumber(block.Slice(124, 12), out var size) || size < 0)
            throw Corrupt("a header's size is no number");
        return new TarHeader(block, size);
    }

    /// <summary>The entry of this header, amended by what extended headers before it said.</summary>
    internal TarEntry ToEntry(PaxRecords? pax, string? longName, string? longLink, ArchiveLimits limits)
    {
        var name = pax?.SparseName ?? pax?.Path ?? longName ?? OwnName();
        var link = pax?.LinkPath ?? longLink ?? RawName.Of(TarField.Text(_block.Slice(157, 100)));
        if (name.Length > limits.MaxPathBytes || link.Length > limits.MaxPathBytes)
            throw new StorageException(StorageError.InvalidInput, $"path '{RawName.Show(name)}' in the archive is longer than {limits.MaxPathBytes} bytes");
        var kind = Kind(name);
        var isLink = kind is TarEntryKind.HardLink or TarEntryKind.SymbolicLink;
        return new TarEntry
        {
            Kind = kind,
            Name = name,
            LinkName = isLink ? link : "",
            Mode = (UnixFileMode)(Number(100, 8, "mode") & 0xfff),
            Uid = Id(pax?.Uid ?? Number(108, 8, "owner"), name),
            Gid = Id(pax?.Gid ?? Number(116, 8, "group"), name),
            Modified = pax?.Modified ?? new FileTime(Number(136, 12, "time"), 0),
            // Only files have content; the size of other kinds is noise that some writers leave there.
            Size = kind == TarEntryKind.File ? pax?.Size ?? Size : 0,
            DeviceMajor = Device(329, kind),
            DeviceMinor = Device(337, kind),
            Attributes = pax?.Attributes ?? [],
        };
    }

    /// <summary>The beginning of an old sparse file's map and its size with the holes; whether the map goes on in the next block.</summary>
    internal bool TryReadSparse(List<(long Offset, long Length)> parts, out long realSize, out bool goesOn)
    {
        goesOn = _block[482] != 0;
        return TarField.TryNumber(_block.Slice(483, 12), out realSize) && SparseMap.TryReadEntries(_block.Slice(386, 96), 4, parts);
    }

    // Old archives mark a directory by a slash only.
    private TarEntryKind Kind(string name) => Type switch
    {
        (byte)'S' => TarEntryKind.File,
        (byte)'0' or 0 or (byte)'7' => name.EndsWith('/') ? TarEntryKind.Directory : TarEntryKind.File,
        (byte)'1' => TarEntryKind.HardLink,
        (byte)'2' => TarEntryKind.SymbolicLink,
        (byte)'3' => TarEntryKind.CharacterDevice,
        (byte)'4' => TarEntryKind.BlockDevice,
        (byte)'5' => TarEntryKind.Directory,
        (byte)'6' => TarEntryKind.Fifo,
        var other => throw new StorageException(StorageError.NotSupported, $"'{RawName.Show(name)}' in the archive has the unknown type 0x{other:x2}"),
    };

    private string OwnName()
    {
        var name = RawName.Of(TarField.Text(_block[..100]));
        // Before POSIX, and in GNU's format ("ustar  "), these bytes mean other things.
        if (!_block.Slice(257, 6).SequenceEqual("ustar\0"u8))
            return name;
        var prefix = TarField.Text(_block.Slice(345, 155));
        return prefix.IsEmpty ? name : RawName.Of(prefix) + "/" + name;
    }

    private long Number(int offset, int length, string what) =>
        TarField.TryNumber(_block.Slice(offset, length), out var value) ? value : throw Corrupt($"a header's {what} is no number");

    private uint Device(int offset, TarEntryKind kind)
    {
        if (kind is not (TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice))
            return 0;
        var number = Number(offset, 8, "device");
        return number is >= 0 and <= uint.MaxValue ? (uint)number : throw Corrupt("a header's device is out of range");
    }

    // The kernel takes 2^32-1 for "leave as it is": such an entry would keep whoever owns the file now.
    private static uint Id(long id, string name) => id is >= 0 and < uint.MaxValue
        ? (uint)id
        : throw new StorageException(StorageError.InvalidInput, $"owner or group {id} of '{RawName.Show(name)}' in the archive is out of range");

    // The sum of all bytes, its own field counted as blanks; some old writers added signed bytes.
    private static bool HasChecksum(ReadOnlySpan<byte> block, long expected)
    {
        long unsigned = 0;
        long signed = 0;
        for (var i = 0; i < block.Length; i++)
        {
            var value = i is >= 148 and < 156 ? (byte)' ' : block[i];
            unsigned += value;
            signed += (sbyte)value;
        }
        return expected == unsigned || expected == signed;
    }

    private static StorageException Corrupt(string why) => new(StorageError.Corrupt, $"damaged tar archive: {why}");
}
