using Sampan.Linux.Files;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <summary>
/// Makes a tree of files that a client lists first and sends when it is asked: (1) the list becomes the tree, what is here from before has its content
/// (2) the others' contents come in pieces (3) further names of files. As with an archive nothing is unpacked, nothing followed.
/// </summary>
/// <remarks>For one thread at a time.</remarks>
public sealed class SourceReceiver : IDisposable
{
    // An honest client's file may grow while it is sent; then it is to be sent again.
    private const int MaxSmall = (int)OwnFile.LeastBytes;
    private const int MaxBuffered = 4 * MaxSmall;
    private const int MaxAttributeBytes = 64 << 10;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly ArchiveLimits _limits;
    private readonly OfferedContext? _offered;
    private readonly Spool _spool;
    private readonly SourceTree _tree;
    private readonly Dictionary<string, SourceEntry> _directories = new(StringComparer.Ordinal);
    private readonly List<(string Path, string Target, TarEntry Facts)> _links = [];
    private readonly Dictionary<int, (LayerPath Path, TarEntry Facts)> _missing = [];
    private readonly Dictionary<int, MemoryStream> _small = [];
    private readonly List<(int Number, long Size)> _wanted = [];
    private (int Number, Spool.Pieces Pieces)? _large;
    private long _bytes;
    private int _buffered;
    private bool _isGiven;

    /// <summary>(1) Reads the list.</summary>
    /// <param name="files">What the client has, directories before what is in them.</param>
    /// <param name="directory">Where contents go.</param>
    /// <param name="limits">How much there may be.</param>
    /// <param name="offered">What is here from before, and gets what comes; null: nothing.</param>
    /// <exception cref="StorageException">InvalidInput: a path leads out, is there twice, or goes through what is no directory; it is too much.</exception>
    public SourceReceiver(IReadOnlyList<ReceivedFile> files, string directory, ArchiveLimits limits, OfferedContext? offered)
    {
        _limits = limits;
        _offered = offered;
        _spool = offered?.Spool ?? new Spool(directory);
        _tree = new SourceTree(SourceTree.NewDirectory(""), _spool, offered);
        _directories[""] = _tree.Root;
        try
        {
            if (files.Count > limits.MaxEntries)
                throw Refuse($"the client has more than {limits.MaxEntries} files");
            for (var number = 0; number < files.Count; number++)
                Add(number, files[number]);
            if (_wanted.Sum(file => file.Size) is var all && all > limits.MaxLayerBytes)
                throw Refuse($"the client's files have {all} bytes, more than {limits.MaxLayerBytes}");
        }
        catch
        {
            _tree.Dispose();
            throw;
        }
    }

    /// <summary>Files whose contents are to be sent, with the sizes that the client says: their places in the list.</summary>
    public IReadOnlyList<(int Number, long Size)> Wanted => _wanted;

    /// <summary>(2) Takes a piece of a content; an empty one is its end.</summary>
    /// <exception cref="StorageException">InvalidInput: nobody asked for it, or it is too much. Refused: the disk has no room.</exception>
    public void Take(int number, ReadOnlySpan<byte> piece)
    {
        try
        {
            if (!_missing.TryGetValue(number, out var file))
                throw Refuse($"the client sends content {number}, which was not asked for");
            _bytes += piece.Length;
            if (_bytes > _limits.MaxLayerBytes)
                throw Refuse($"the client's files have more than {_limits.MaxLayerBytes} bytes");
            if (file.Facts.Size >= OwnFile.LeastBytes)
                TakeLarge(number, file.Path, file.Facts, piece);
            else
                TakeSmall(number, file.Path, file.Facts, piece);
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
    }

    /// <summary>(3) The tree, once all has come.</summary>
    /// <exception cref="StorageException">InvalidInput: a name is of a file that is not in the list.</exception>
    public SourceTree Finish()
    {
        if (_missing.Count > 0)
            throw Refuse($"{_missing.Count} of the client's files have not come");
        foreach (var (path, to, facts) in _links)
        {
            if (LayerPath.TryParse(to, out var target) && target.Full == to && _directories.TryGetValue(target.Parent, out var there)
                && there.Children?.GetValueOrDefault(target.Name) is { Kind: SourceKind.File } file)
                Put(LayerPath.Cut(path), name => file.Named(name, facts));
            else
                throw Refuse($"'{RawName.Show(path)}' is said to be another name of '{RawName.Show(to)}', which is no file of the client's list");
        }
        _spool.Flush();
        _offered?.End();
        _isGiven = true;
        return _tree;
    }

    /// <summary>Lets go of what came, unless it became a tree.</summary>
    public void Dispose()
    {
        _large?.Pieces.Dispose();
        if (!_isGiven)
            _tree.Dispose();
    }

    private void Add(int number, ReceivedFile file)
    {
        var raw = RawName.Of(file.Path.Span);
        if (raw.Length > _limits.MaxPathBytes || !LayerPath.TryParse(raw, out var path) || path.IsRoot || path.Full != raw)
            throw Refuse($"path '{RawName.Show(raw)}' of the client's files is no plain path inside");
        if (file.Size < 0 || file.Size > _limits.MaxLayerBytes)
            throw Refuse($"'{RawName.Show(raw)}' of the client's files has {file.Size} bytes, as it says");
        var target = RawName.Of(file.Target.Span);
        var kind = (file.Mode & 0xf000) switch
        {
            0x4000 => TarEntryKind.Directory,
            0xa000 => TarEntryKind.SymbolicLink,
            0x8000 => target.Length > 0 ? TarEntryKind.HardLink : TarEntryKind.File,
            0x1000 => TarEntryKind.Fifo,
            0x2000 => TarEntryKind.CharacterDevice,
            0x6000 => TarEntryKind.BlockDevice,
            // A socket is of a process that is not here: as in an archive there is none.
            0xc000 => default(TarEntryKind?),
            _ => throw Refuse($"'{RawName.Show(raw)}' of the client's files is of a kind that there is not"),
        };
        if (kind is not { } known)
            return;
        var facts = new TarEntry
        {
            Kind = known,
            Name = raw,
            LinkName = known is TarEntryKind.SymbolicLink or TarEntryKind.HardLink ? target : "",
            Mode = (UnixFileMode)(file.Mode & 0xfff),
            Size = known == TarEntryKind.File ? file.Size : 0,
            Modified = Time(file.Modified),
            DeviceMajor = file.Device.Major,
            DeviceMinor = file.Device.Minor,
            Attributes = Attributes(file, raw),
        };
        switch (known)
        {
            case TarEntryKind.HardLink:
                _links.Add((raw, target, facts));
                break;
            case TarEntryKind.File when _offered?.Find(raw) is { } kept && kept.Size == file.Size:
                Put(path, name => new SourceEntry(facts, kept.Content, kept.Hash) { RawLastName = name, LinkGroup = new object() });
                break;
            case TarEntryKind.File:
                // Its place is taken now: nothing else gets the name meanwhile.
                Put(path, name => new SourceEntry(facts, null) { RawLastName = name });
                _missing[number] = (path, facts);
                _wanted.Add((number, file.Size));
                break;
            default:
                var entry = new SourceEntry(facts, null) { RawLastName = path.Name };
                Put(path, _ => entry);
                if (known == TarEntryKind.Directory)
                    _directories[raw] = entry;
                break;
        }
    }

    private void Put(LayerPath path, Func<string, SourceEntry> make)
    {
        if (!_directories.TryGetValue(path.Parent, out var parent))
            throw Refuse($"'{RawName.Show(path.Full)}' of the client's files is in no directory of its list");
        if (parent.Children?.ContainsKey(path.Name) == true)
            throw Refuse($"'{RawName.Show(path.Full)}' is twice in the client's list");
        parent.Put(make(path.Name));
        _tree.Count++;
    }

    private void TakeSmall(int number, LayerPath path, TarEntry facts, ReadOnlySpan<byte> piece)
    {
        var known = _small.GetValueOrDefault(number);
        if (piece.Length > 0)
        {
            if (known is null)
                _small[number] = known = new MemoryStream((int)Math.Min(facts.Size, MaxSmall));
            _buffered += piece.Length;
            if (known.Length + piece.Length > MaxSmall || _buffered > MaxBuffered)
                throw Refuse($"'{RawName.Show(path.Full)}' had {facts.Size} bytes when it was listed and has more now: it grows while it is sent");
            known.Write(piece);
            return;
        }
        _small.Remove(number);
        _buffered -= (int)(known?.Length ?? 0);
        Arrived(number, path, facts, _spool.Take(known is null ? [] : known.GetBuffer().AsSpan(0, (int)known.Length)), known?.Length ?? 0);
    }

    private void TakeLarge(int number, LayerPath path, TarEntry facts, ReadOnlySpan<byte> piece)
    {
        if (_large is null)
            _large = (number, _spool.Begin());
        if (_large is not { } large || large.Number != number)
            throw Refuse($"the client sends '{RawName.Show(path.Full)}' between pieces of another large file");
        if (piece.Length > 0)
        {
            large.Pieces.Append(piece);
            return;
        }
        var length = large.Pieces.Length;
        var content = large.Pieces.Finish();
        large.Pieces.Dispose();
        _large = null;
        Arrived(number, path, facts, content, length);
    }

    private void Arrived(int number, LayerPath path, TarEntry facts, (SourceContent Content, byte[] Digest) content, long length)
    {
        _missing.Remove(number);
        // What changed while it was sent is nothing that a fingerprint stands for.
        if (length == facts.Size)
            _offered?.Add(path.Full, length, content.Content, content.Digest);
        _directories[path.Parent].Put(new SourceEntry(facts with { Size = length }, content.Content, content.Digest) { RawLastName = path.Name, LinkGroup = new object() });
    }

    // As TreeWriter: labels and ACLs belong to the host's policy.
    private static List<KeyValuePair<string, byte[]>> Attributes(ReceivedFile file, string raw)
    {
        if (file.Attributes.Count == 0)
            return [];
        var kept = file.Attributes.Where(attribute => attribute.Key == "security.capability" || attribute.Key.StartsWith("user.", StringComparison.Ordinal) && !OverlayAttributes.IsReserved(attribute.Key))
            .OrderBy(attribute => attribute.Key, StringComparer.Ordinal).ToList();
        return kept.Sum(attribute => attribute.Key.Length + attribute.Value.Length) <= MaxAttributeBytes && !kept.Exists(attribute => attribute.Key.Length > 255 || attribute.Key.Contains('\0')) ? kept
            : throw Refuse($"'{RawName.Show(raw)}' of the client's files has more than {MaxAttributeBytes} bytes of attributes, or a name that cannot be");
    }

    private static FileTime Time(long nanoseconds)
    {
        var seconds = Math.DivRem(nanoseconds, NanosecondsPerSecond, out var rest);
        return rest < 0 ? new(seconds - 1, (int)(rest + NanosecondsPerSecond)) : new(seconds, (int)rest);
    }

    private static StorageException Refuse(string why) => new(StorageError.InvalidInput, $"{why}: refused");
}
