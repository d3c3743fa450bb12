using System.Security.Cryptography;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <summary>
/// Files that a build copies from: the context, an archive, or a part of an image. It is an index in memory; the contents lie in one file
/// without a name, or in an image's layers. Nothing of a context is ever unpacked on the host, so a context has nothing to escape from: links are
/// followed in the index, a path that leads above its top is refused, devices are names without a device.
/// </summary>
/// <remarks>Thread-safe once it is read.</remarks>
public sealed partial class SourceTree : IDisposable
{
    private const int MaxLinks = 40; // the kernel's own limit

    private readonly Spool? _spool;
    private readonly OfferedContext? _offered;
    private long _coming;

    internal SourceTree(SourceEntry root, Spool? spool, OfferedContext? offered = null)
    {
        Root = root;
        _spool = spool;
        _offered = offered;
    }

    /// <summary>Its top directory.</summary>
    public SourceEntry Root { get; private set; }

    /// <summary>How many entries it has, the top not counted.</summary>
    public int Count { get; internal set; }

    /// <summary>Reads an archive, plain or compressed.</summary>
    /// <param name="tar">The archive.</param>
    /// <param name="directory">Where the contents go, on the disk.</param>
    /// <param name="limits">How much it may ask for.</param>
    /// <param name="asRoot">Everything belongs to root, as in a context; else to whom the archive says.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="offered">What the client said it would send: contents that are here take the place of empty files, and what comes is kept with them; null: all is sent, and goes with the tree.</param>
    /// <exception cref="StorageException">Corrupt or InvalidInput: the archive is damaged, too large, or leads out.</exception>
    public static Task<SourceTree> ReadArchiveAsync(Stream tar, string directory, ArchiveLimits limits, bool asRoot, CancellationToken ct, OfferedContext? offered = null) =>
        StreamPump.ReadAsync(tar, stream => ReadArchive(stream, directory, limits, asRoot, ct, offered), ct);

    /// <inheritdoc cref="ReadArchiveAsync"/>
    public static SourceTree ReadArchive(Stream tar, string directory, ArchiveLimits limits, bool asRoot, CancellationToken ct, OfferedContext? offered = null)
    {
        var spool = offered?.Spool ?? new Spool(directory);
        var tree = new SourceTree(NewDirectory(""), spool, offered);
        var before = spool.Length;
        try
        {
            using var plain = Compression.Decompress(tar, limits);
            using var reader = new TarReader(plain, limits);
            var buffer = new byte[256 * 1024];
            while (reader.Next() is { } entry)
            {
                ct.ThrowIfCancellationRequested();
                if (spool.Length - before + tree._coming + entry.Size > limits.MaxLayerBytes)
                    throw new StorageException(StorageError.InvalidInput, $"the archive's files have more than {limits.MaxLayerBytes} bytes: refused");
                tree.Add(asRoot ? entry with { Uid = 0, Gid = 0 } : entry, reader, buffer, ct);
            }
            reader.Drain();
            spool.Flush();
            offered?.End();
            return tree;
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            tree.Dispose();
            throw DiskRefusal.Of(full);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    /// <summary>Reads a directory of the host, with a copy of all contents; nothing is followed out of it.</summary>
    /// <param name="hostDirectory">Which.</param>
    /// <param name="directory">Where the contents go.</param>
    /// <param name="excludes">What is left out, by path.</param>
    /// <param name="ct">Gives up.</param>
    public static SourceTree ReadDirectory(string hostDirectory, string directory, Func<string, bool> excludes, CancellationToken ct)
    {
        // By way of an archive without a name: one reader, with one set of limits, for all that comes from outside.
        using var archive = new FileStream(Path.Combine(directory, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 256 * 1024, FileOptions.DeleteOnClose);
        using (var source = Linux.Files.DirectoryHandle.Open(hostDirectory))
        {
            var tar = new TarWriter(archive);
            new Trees.TreeWriter(tar, ct).WriteContent(source, "");
            tar.End();
        }
        archive.Position = 0;
        var tree = ReadArchive(archive, directory, ArchiveLimits.Default, asRoot: true, ct);
        tree.Prune(excludes);
        return tree;
    }

    /// <summary>Makes a directory of the tree its top; false: there is none at that path.</summary>
    public bool Narrow(string path)
    {
        if (Find(path) is not { Kind: SourceKind.Directory } top)
            return false;
        Root = top;
        return true;
    }

    /// <summary>Takes an entry of the top out of the tree, which keeps its contents; null: it is not there.</summary>
    public SourceTree? TakeOut(string name) => Root.Children is { } children && children.Remove(RawName.FromText(name), out var entry) ? new SourceTree(entry, null) : null;

    /// <summary>A tree of nothing.</summary>
    public static SourceTree Empty() => new(NewDirectory(""), null);

    /// <summary>A tree of files made here: documents of a Dockerfile, what was fetched.</summary>
    /// <param name="files">Name, content, and permissions.</param>
    public static SourceTree Of(params ReadOnlySpan<(string Name, byte[] Content, UnixFileMode Mode, DateTimeOffset? Modified)> files)
    {
        var tree = Empty();
        foreach (var (name, content, mode, modified) in files)
        {
            var raw = RawName.FromText(name);
            var facts = new TarEntry { Kind = TarEntryKind.File, Name = raw, Mode = mode, Size = content.Length, Modified = modified is { } time ? Linux.Files.FileTime.From(time) : default };
            tree.Root.Put(new SourceEntry(facts, new SourceContent(() => new MemoryStream(content, writable: false)), SHA256.HashData(content)) { RawLastName = raw });
        }
        return tree;
    }

    /// <summary>Whether bytes are the beginning of a tar archive, plain or compressed.</summary>
    public static bool IsArchive(SourceEntry file)
    {
        using var stream = file.OpenRead();
        var magic = new byte[6];
        var length = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        if (Compression.Detect(magic.AsSpan(0, length)) == CompressionKind.None && file.Size < 512)
            return false;
        try
        {
            // Docker: a compressed file that holds no tar is copied as it is.
            using var plain = Compression.Decompress(file.OpenRead(), ArchiveLimits.Default);
            using var reader = new TarReader(plain);
            return reader.Next() is not null;
        }
        catch (Exception none) when (none is StorageException or InvalidDataException or IOException)
        {
            return false;
        }
    }

    /// <summary>The entry at a path; null: there is none. Links are followed inside of the tree.</summary>
    /// <param name="path">From the top.</param>
    /// <param name="followLast">Whether a link at the end is followed.</param>
    /// <exception cref="StorageException">InvalidInput: too many links.</exception>
    public SourceEntry? Find(string path, bool followLast = true)
    {
        var way = new Stack<SourceEntry>([Root]);
        var pending = new Stack<string>(Enumerable.Reverse(RawName.FromText(path).Split('/')));
        var links = 0;
        while (pending.TryPop(out var name))
        {
            if (name is "" or ".")
                continue;
            if (name == "..")
            {
                if (way.Count > 1)
                    way.Pop();
                continue;
            }
            if (way.Peek().Children is not { } children || !children.TryGetValue(name, out var next))
                return null;
            if (next.Kind == SourceKind.SymbolicLink && (followLast || pending.Count > 0))
            {
                if (++links > MaxLinks)
                    throw new StorageException(StorageError.InvalidInput, $"'{path}' leads through more than {MaxLinks} links");
                if (next.Facts.LinkName.StartsWith('/'))
                {
                    while (way.Count > 1)
                        way.Pop();
                }
                foreach (var part in Enumerable.Reverse(next.Facts.LinkName.Split('/')))
                    pending.Push(part);
                continue;
            }
            way.Push(next);
        }
        return way.Peek();
    }

    /// <summary>What is in a directory, sorted by bytes.</summary>
    public static IEnumerable<SourceEntry> List(SourceEntry directory) => directory.Children?.Values ?? Enumerable.Empty<SourceEntry>();

    /// <summary>Every path below the top with its entry, parents first.</summary>
    public IEnumerable<(string Path, SourceEntry Entry)> Walk() => Walk(Root, "");

    /// <summary>Leaves out what rules exclude.</summary>
    /// <param name="excludes">By path.</param>
    public void Prune(Func<string, bool> excludes) => Prune(Root, "", excludes);

    /// <inheritdoc/>
    public void Dispose()
    {
        // What was offered is kept with the others.
        if (_offered is null)
            _spool?.Dispose();
    }

    internal static SourceEntry NewDirectory(string rawName) => new(
        new TarEntry { Kind = TarEntryKind.Directory, Name = rawName, Mode = (UnixFileMode)0x1ed }, null) { RawLastName = rawName };

    private static bool Prune(SourceEntry directory, string prefix, Func<string, bool> excludes)
    {
        foreach (var child in List(directory).ToList())
        {
            var path = prefix + child.Name;
            var goes = excludes(path);
            // A directory stays for what is let in again below it.
            if (child.Kind == SourceKind.Directory && Prune(child, path + "/", excludes))
                goes = false;
            if (goes)
                directory.Children?.Remove(child.RawLastName);
        }
        return directory.Children?.Count > 0;
    }

    private void Add(TarEntry entry, TarReader reader, byte[] buffer, CancellationToken ct)
    {
        if (!LayerPath.TryParse(entry.Name, out var path))
            throw new StorageException(StorageError.InvalidInput, $"path '{RawName.Show(entry.Name)}' in the archive leads out of it: refused");
        if (path.IsRoot)
        {
            Root.Facts = entry.Kind == TarEntryKind.Directory ? entry : Root.Facts;
            return;
        }
        var parent = Directory(path.Parent);
        Count++;
        switch (entry.Kind)
        {
            case TarEntryKind.File:
                parent.Put(entry.Size == 0 && Offered(entry, path) is { } offered ? offered : Spooled(entry, path, reader, buffer, ct));
                break;
            case TarEntryKind.HardLink:
                parent.Put(Linked(entry, path));
                break;
            default:
                parent.Put(new SourceEntry(entry, null) { RawLastName = path.Name });
                break;
        }
    }

    // What is here from an earlier build, or read from the client's own file; null: neither.
    private SourceEntry? Offered(TarEntry entry, LayerPath path)
    {
        if (_offered?.Find(path.Full) is { } kept)
            return new SourceEntry(entry with { Size = kept.Size }, kept.Content, kept.Hash) { RawLastName = path.Name, LinkGroup = new object() };
        if (_offered?.FindOpened(path.Full) is not { } file)
            return null;
        _coming += file.Length;
        return new SourceEntry(entry with { Size = file.Length }, SourceContent.Of(file)) { RawLastName = path.Name, LinkGroup = new object() };
    }

    private SourceEntry Spooled(TarEntry entry, LayerPath path, TarReader reader, byte[] buffer, CancellationToken ct)
    {
        var spool = _spool ?? throw new InvalidOperationException("a tree without a place for contents");
        var before = spool.Length;
        var (content, digest) = spool.Take(reader, entry.Size, buffer, ct);
        var size = spool.Length - before;
        _offered?.Add(path.Full, size, content, digest);
        return new SourceEntry(entry with { Size = size }, content, digest) { RawLastName = path.Name, LinkGroup = new object() };
    }

    private SourceEntry Linked(TarEntry entry, LayerPath path)
    {
        var target = LayerPath.TryParse(entry.LinkName, out var to) ? Plain(to.Full) : null;
        return target is { Kind: SourceKind.File }
            ? target.Named(path.Name, target.Facts)
            : throw new StorageException(StorageError.InvalidInput, $"hard link '{RawName.Show(entry.Name)}' in the archive points to '{RawName.Show(entry.LinkName)}', which is no file of it");
    }

    // A name that an earlier entry made a link or a file is no directory: nothing is written through it.
    private SourceEntry Directory(string path)
    {
        var here = Root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (here.Children is null || !here.Children.TryGetValue(name, out var next))
            {
                here.Put(next = NewDirectory(name));
                Count++;
            }
            if (next.Kind != SourceKind.Directory)
                throw new StorageException(StorageError.InvalidInput, $"'{RawName.Show(path)}' in the archive is used as a directory but is none: refused");
            here = next;
        }
        return here;
    }

    private SourceEntry? Plain(string path)
    {
        var here = Root;
        foreach (var name in path.Split('/'))
        {
            if (here.Children is null || !here.Children.TryGetValue(name, out var next))
                return null;
            here = next;
        }
        return here;
    }

    private static IEnumerable<(string Path, SourceEntry Entry)> Walk(SourceEntry directory, string prefix)
    {
        foreach (var child in List(directory))
        {
            yield return (prefix + child.Name, child);
            foreach (var below in Walk(child, prefix + child.Name + "/"))
                yield return below;
        }
    }
}
