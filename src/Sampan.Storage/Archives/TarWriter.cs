using System.Globalization;
using System.Text;
using Sampan.Linux.Files;

namespace Sampan.Storage.Archives;

/// <summary>
/// Writes a tar archive: plain ustar headers where they suffice, PAX records for what they cannot hold
/// (long names, large numbers, nanoseconds, extended attributes), as Go's writer does, so that docker reads it.
/// </summary>
internal sealed class TarWriter(Stream output)
{
    private const int BlockSize = 512;
    private const long MaxOctal8 = 2_097_151;
    private const long MaxOctal12 = 8_589_934_591;

    private IReadOnlyList<KeyValuePair<string, byte[]>> _sparse = [];
    private long _pending;
    private int _padding;

    /// <summary>Times of entries after this become this; null: all stay.</summary>
    internal FileTime? Latest { get; init; }

    /// <summary>Writes a header; a file's content follows through <see cref="Write"/>.</summary>
    internal void Begin(TarEntry entry)
    {
        if (Latest is { } latest && (entry.Modified.Seconds, entry.Modified.Nanoseconds).CompareTo((latest.Seconds, latest.Nanoseconds)) > 0)
            entry = entry with { Modified = latest };
        if (_pending != 0)
            throw new InvalidOperationException($"{_pending} bytes of the entry before are missing");
        WritePax(entry);
        WriteHeader(entry, TypeOf(entry.Kind), Cut(entry.Name), Cut(entry.LinkName), entry.Size);
        _pending = entry.Size;
        _padding = (int)(-entry.Size & (BlockSize - 1));
    }

    /// <summary>
    /// Writes the header of a file with holes, and the map of what holds data; that data follows through <see cref="Write"/>, part by part, then
    /// <see cref="EndSparse"/> (<see href="https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html">GNU tar, PAX format, version 1.0</see>).
    /// </summary>
    /// <param name="entry">The file with its whole size.</param>
    /// <param name="parts">What holds data, in order.</param>
    internal void BeginSparse(TarEntry entry, IReadOnlyList<(long Offset, long Length)> parts)
    {
        // GNU tar takes the end of the last part for the file's: a hole there is told by a part of nothing.
        if (parts.Count == 0 || parts[^1].Offset + parts[^1].Length < entry.Size)
            parts = [.. parts, (entry.Size, 0)];
        var numbers = new StringBuilder().Append(parts.Count).Append('\n');
        foreach (var (offset, length) in parts)
            numbers.Append(CultureInfo.InvariantCulture, $"{offset}\n{length}\n");
        var map = new byte[(numbers.Length + BlockSize - 1) / BlockSize * BlockSize];
        Encoding.ASCII.GetBytes(numbers.ToString(), map);
        _sparse = [new("GNU.sparse.major", "1"u8.ToArray()), new("GNU.sparse.minor", "0"u8.ToArray()), new("GNU.sparse.name", RawName.ToBytes(entry.Name)), new("GNU.sparse.realsize", Digits(entry.Size))];
        // A reader that knows nothing of this unpacks the map and the data under a name that tells.
        Begin(entry with { Name = "GNUSparseFile.0/" + entry.Name[(entry.Name.LastIndexOf('/') + 1)..], Size = map.Length + parts.Sum(part => part.Length) });
        _sparse = [];
        Write(map);
    }

    /// <summary>Ends a file with holes.</summary>
    internal void EndSparse()
    {
        if (_pending != 0)
            throw new InvalidOperationException($"{_pending} bytes of the sparse file are missing");
    }

    /// <summary>Writes content of the current file.</summary>
    internal void Write(ReadOnlySpan<byte> content)
    {
        if (content.Length > _pending)
            throw new InvalidOperationException("more content than the entry's size");
        output.Write(content);
        _pending -= content.Length;
        if (_pending == 0)
        {
            output.Write(stackalloc byte[_padding]);
            _padding = 0;
        }
    }

    /// <summary>Writes a whole file.</summary>
    internal void WriteFile(string name, ReadOnlySpan<byte> content, UnixFileMode mode, FileTime modified)
    {
        Begin(new TarEntry { Kind = TarEntryKind.File, Name = name, Mode = mode, Modified = modified, Size = content.Length });
        Write(content);
    }

    /// <summary>Writes the end of the archive; the stream stays open.</summary>
    internal void End()
    {
        if (_pending != 0)
            throw new InvalidOperationException($"{_pending} bytes of the last entry are missing");
        output.Write(new byte[2 * BlockSize]);
    }

    private void WritePax(TarEntry entry)
    {
        using var records = new MemoryStream();
        if (NeedsPax(entry.Name))
            PaxRecords.Append(records, "path", RawName.ToBytes(entry.Name));
        if (NeedsPax(entry.LinkName))
            PaxRecords.Append(records, "linkpath", RawName.ToBytes(entry.LinkName));
        if (entry.Size > MaxOctal12)
            PaxRecords.Append(records, "size", Digits(entry.Size));
        if (entry.Uid > MaxOctal8)
            PaxRecords.Append(records, "uid", Digits(entry.Uid));
        if (entry.Gid > MaxOctal8)
            PaxRecords.Append(records, "gid", Digits(entry.Gid));
        if (entry.Modified.Nanoseconds != 0 || entry.Modified.Seconds is < 0 or > MaxOctal12)
            PaxRecords.Append(records, "mtime", Encoding.ASCII.GetBytes(Time(entry.Modified)));
        foreach (var (name, value) in _sparse)
            PaxRecords.Append(records, name, value);
        foreach (var (name, value) in entry.Attributes)
            PaxRecords.AppendAttribute(records, name, value);
        if (records.Length == 0)
            return;

        var content = records.ToArray();
        WriteHeader(new TarEntry { Kind = TarEntryKind.File, Name = "", Mode = (UnixFileMode)0x1a4 }, (byte)'x', "PaxHeaders.0/entry"u8, [], content.Length);
        output.Write(content);
        output.Write(new byte[-content.Length & (BlockSize - 1)]);
    }

    private void WriteHeader(TarEntry entry, byte type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> link, long size)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        block.Clear();
        name.CopyTo(block);
        TarField.TryWriteOctal(block.Slice(100, 8), (long)entry.Mode);
        TarField.TryWriteOctal(block.Slice(108, 8), entry.Uid > MaxOctal8 ? 0 : entry.Uid);
        TarField.TryWriteOctal(block.Slice(116, 8), entry.Gid > MaxOctal8 ? 0 : entry.Gid);
        TarField.TryWriteOctal(block.Slice(124, 12), size > MaxOctal12 ? 0 : size);
        TarField.TryWriteOctal(block.Slice(136, 12), entry.Modified.Seconds is < 0 or > MaxOctal12 ? 0 : entry.Modified.Seconds);
        block[156] = type;
        link.CopyTo(block[157..]);
        "ustar\000"u8.CopyTo(block[257..]);
        if (!TarField.TryWriteOctal(block.Slice(329, 8), entry.DeviceMajor) || !TarField.TryWriteOctal(block.Slice(337, 8), entry.DeviceMinor))
            throw new StorageException(StorageError.NotSupported, $"device {entry.DeviceMajor}:{entry.DeviceMinor} of '{RawName.Show(entry.Name)}' does not fit into a tar archive");
        block.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in block)
            sum += value;
        TarField.TryWriteOctal(block.Slice(148, 7), sum);
        output.Write(block);
    }

    // A name beyond ASCII goes into a record too: readers differ in how they decode the plain field.
    private static bool NeedsPax(string name) => name.Length > 100 || name.Any(c => c > 0x7e);

    private static byte[] Cut(string name) => RawName.ToBytes(name.Length > 100 ? name[..100] : name);

    private static byte[] Digits(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    private static string Time(FileTime time) => time switch
    {
        { Nanoseconds: 0 } => time.Seconds.ToString(CultureInfo.InvariantCulture),
        { Seconds: < 0 } => $"-{-(time.Seconds + 1)}.{1_000_000_000 - time.Nanoseconds:d9}",
        _ => $"{time.Seconds}.{time.Nanoseconds:d9}",
    };

    private static byte TypeOf(TarEntryKind kind) => kind switch
    {
        TarEntryKind.HardLink => (byte)'1',
        TarEntryKind.SymbolicLink => (byte)'2',
        TarEntryKind.CharacterDevice => (byte)'3',
        TarEntryKind.BlockDevice => (byte)'4',
        TarEntryKind.Directory => (byte)'5',
        TarEntryKind.Fifo => (byte)'6',
        _ => (byte)'0',
    };
}
