using Microsoft.Win32.SafeHandles;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;
using Sampan.Storage.Trees;

namespace Sampan.Storage.Snapshots;

/// <content>What a build needs to know of the files below a new layer.</content>
public sealed partial class RootView
{
    private const int MaxDepth = 1024;

    /// <summary>Where a path leads: raw names without links of what is there, and of what is missing behind it.</summary>
    /// <exception cref="StorageException">InvalidInput: it leads through a file, or back out of something missing.</exception>
    internal (IReadOnlyList<string> Canonical, IReadOnlyList<string> Missing) Locate(string rawPath)
    {
        var way = new List<string>();
        var pending = new Stack<string>(Enumerable.Reverse(RawNames(rawPath)));
        var links = 0;
        while (pending.TryPop(out var name))
        {
            if (name == "..")
            {
                if (way.Count > 0)
                    way.RemoveAt(way.Count - 1);
                continue;
            }
            var entry = DescribeEntry(way.Count == 0 ? name : string.Join('/', way) + "/" + name);
            switch (entry?.Kind)
            {
                case null:
                    return (way, [name, .. Plain(pending)]);
                case TarEntryKind.SymbolicLink:
                    if (++links > MaxLinks)
                        throw new StorageException(StorageError.InvalidInput, $"'{RawName.Show(rawPath)}' in the image leads through more than {MaxLinks} links");
                    if (entry.LinkName.StartsWith('/'))
                        way.Clear();
                    foreach (var part in Enumerable.Reverse(RawNames(entry.LinkName)))
                        pending.Push(part);
                    break;
                case TarEntryKind.Directory:
                    way.Add(name);
                    break;
                default:
                    if (pending.Count > 0)
                        throw new StorageException(StorageError.InvalidInput, $"cannot copy to non-directory: /{RawName.Show(string.Join('/', way.Append(name)))}");
                    way.Add(name);
                    break;
            }
        }
        return (way, []);
    }

    /// <summary>A directory that is there, as an archive has it.</summary>
    internal TarEntry Describe(IReadOnlyList<string> canonical)
    {
        if (canonical.Count > 0)
            return DescribeEntry(string.Join('/', canonical)) ?? throw new StorageException(StorageError.NotFound, $"'{RawName.Show(string.Join('/', canonical))}' is not in the image");
        return TreeWriter.Entry(Root.Top, [], FileStatus.Of(Root.Top.Descriptor), "");
    }

    /// <summary>The entry at a raw path without links, itself not followed; null: none.</summary>
    internal TarEntry? DescribeEntry(string rawPath)
    {
        var names = rawPath.Split('/');
        var here = Root;
        try
        {
            for (var i = 0; i < names.Length - 1; i++)
            {
                if (here.Find(RawName.ToBytes(names[i])) is not { Status.Kind: FileKind.Directory } next)
                    return null;
                var opened = here.Open(next);
                if (here != Root)
                    here.Dispose();
                here = opened;
            }
            return here.Find(RawName.ToBytes(names[^1])) is { } entry ? EntryOf(entry, rawPath) : null;
        }
        finally
        {
            if (here != Root)
                here.Dispose();
        }
    }

    /// <summary>What is at a path, links followed, with all that is below it, to be copied into another image; null: nothing.</summary>
    /// <param name="path">From the root.</param>
    /// <param name="ct">Gives up.</param>
    public SourceEntry? Read(string path, CancellationToken ct)
    {
        using var found = Resolve(path, followLast: true);
        if (found is null)
            return null;
        var links = new Dictionary<(DeviceNumber, ulong), object>();
        if (found.Entry is { } entry)
            return SourceOf(found.Directory, entry, links);
        var root = new SourceEntry(TreeWriter.Entry(found.Directory.Top, [], FileStatus.Of(found.Directory.Top.Descriptor), ""), null) { RawLastName = LastName(path) };
        Fill(root, found.Directory, links, 0, ct);
        return root;
    }

    private void Fill(SourceEntry target, MergedDirectory directory, Dictionary<(DeviceNumber, ulong), object> links, int depth, CancellationToken ct)
    {
        if (depth > MaxDepth)
            throw new StorageException(StorageError.NotSupported, $"a directory of the image is nested more than {MaxDepth} deep");
        foreach (var entry in directory.List())
        {
            ct.ThrowIfCancellationRequested();
            if (SourceOf(directory, entry, links) is not { } source)
                continue;
            target.Put(source);
            if (source.Kind != SourceKind.Directory)
                continue;
            using var below = directory.Open(entry);
            if (!below.IsGone)
                Fill(source, below, links, depth + 1, ct);
        }
    }

    private SourceEntry? SourceOf(MergedDirectory directory, TreeEntry entry, Dictionary<(DeviceNumber, ulong), object> links)
    {
        var name = RawName.Of(entry.Name);
        if (EntryOf(entry, name) is not { } facts)
            return null;
        if (entry.Status.Kind != FileKind.Regular)
            return new SourceEntry(facts, null) { RawLastName = name };
        var group = entry.Status.LinkCount < 2 ? null : links.TryGetValue((entry.Status.FileSystem, entry.Status.Inode), out var known) ? known : links[(entry.Status.FileSystem, entry.Status.Inode)] = new object();
        var path = directory.Path.ToList();
        return new SourceEntry(facts, new SourceContent(() => OpenFile(path, entry.Name))) { RawLastName = name, LinkGroup = group };
    }

    // Layers do not change, so a path without links leads to the same file later.
    private FileStream OpenFile(List<byte[]> directory, byte[] name)
    {
        var here = OpenRoot();
        try
        {
            foreach (var part in directory)
            {
                var next = here.Open(new TreeEntry(part, default, here.Top));
                here.Dispose();
                here = next;
            }
            var found = here.Find(name) ?? throw new StorageException(StorageError.Corrupt, $"'{RawName.Show(RawName.Of(name))}' is no longer in its layer");
            var file = found.Directory.OpenFile(name, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal);
            return new FileStream(new SafeFileHandle(file.Release(), ownsHandle: true), FileAccess.Read, bufferSize: 0);
        }
        finally
        {
            here.Dispose();
        }
    }

    private static TarEntry? EntryOf(TreeEntry entry, string path)
    {
        if (entry.Status.Kind is FileKind.Socket or FileKind.Unknown)
            return null;
        var facts = TreeWriter.Entry(entry.Directory, entry.Name, entry.Status, path);
        return entry.Status.Kind == FileKind.SymbolicLink
            ? facts with { Kind = TarEntryKind.SymbolicLink, LinkName = RawName.Of(entry.Directory.ReadLink(entry.Name)) }
            : facts;
    }

    private static IEnumerable<string> Plain(IEnumerable<string> names)
    {
        var plain = new List<string>();
        foreach (var name in names)
        {
            if (name == "..")
                plain = plain.Count > 0 ? plain[..^1] : throw new StorageException(StorageError.InvalidInput, "'..' behind a directory that does not exist");
            else
                plain.Add(name);
        }
        return plain;
    }

    private static string[] RawNames(string raw) => [.. raw.Split('/').Where(name => name is not ("" or "."))];

    private static string LastName(string path)
    {
        var raw = RawName.FromText(path.TrimEnd('/'));
        return raw[(raw.LastIndexOf('/') + 1)..];
    }
}
