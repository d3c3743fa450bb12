using Sampan.Linux.Files;
using Sampan.Storage.Archives;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Building;

/// <summary>
/// A layer in the making, without a container and without a mount: what COPY, ADD and WORKDIR put on top of an image's files. Paths are
/// resolved in the image below, links included and never out of it; the archive has its names in order and no times of its own, so the same
/// files give the same bytes.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed partial class LayerDraft : IDisposable
{
    private const UnixFileMode DirectoryMode = (UnixFileMode)0x1ed; // 0755

    private readonly RootView? _below;
    private readonly Node _root;
    private readonly FileTime _now;

    internal LayerDraft(RootView? below, DateTimeOffset now)
    {
        _below = below;
        _now = FileTime.From(now);
        _root = new Node("", "", Made(null)) { IsBelow = below is not null };
        if (below is not null)
            _root.Facts = below.Describe([]);
    }

    /// <summary>False if the layer would have nothing in it.</summary>
    public bool HasChanges { get; private set; }

    /// <summary>Makes a directory with its missing parents.</summary>
    /// <param name="path">Absolute; links are followed inside of the image.</param>
    /// <param name="owner">Of what is made; null: root.</param>
    /// <exception cref="StorageException">InvalidInput: a part of the path is there and no directory.</exception>
    public void MakeDirectory(string path, (uint Uid, uint Gid)? owner) => Open(path, owner);

    /// <summary>True if a directory is there, below or in the draft.</summary>
    public bool IsDirectory(string path) => _below?.DirectoryExists(path) ?? path.Trim('/').Length == 0;

    /// <summary>Copies a file, link or directory to a path: a directory's content goes into it.</summary>
    /// <param name="source">What.</param>
    /// <param name="path">Its new name, absolute; links are followed inside of the image, also the last.</param>
    /// <param name="looks">Owner, permissions and what is left out.</param>
    /// <exception cref="StorageException">InvalidInput: something of another kind is there.</exception>
    public void Copy(SourceEntry source, string path, CopyLooks looks)
    {
        if (source.Kind == SourceKind.Directory)
        {
            Merge(source, OpenFor(source, path, looks), "", looks);
            return;
        }
        var (parent, name) = Parent(path, looks.Owner);
        Place(parent, name, source, looks);
    }

    /// <summary>Copies what is in a directory into another.</summary>
    /// <param name="directory">Where from.</param>
    /// <param name="path">Where to, absolute.</param>
    /// <param name="looks">Owner, permissions and what is left out.</param>
    public void CopyContent(SourceEntry directory, string path, CopyLooks looks) => Merge(directory, OpenFor(directory, path, looks), "", looks);

    /// <summary>Writes the layer.</summary>
    /// <param name="output">Gets the tar.</param>
    /// <param name="latest">Times after this become this; null: all stay.</param>
    /// <param name="ct">Gives up.</param>
    public void WriteTo(Stream output, DateTimeOffset? latest, CancellationToken ct)
    {
        var tar = new TarWriter(output) { Latest = latest is { } time ? FileTime.From(time) : null };
        var written = new Dictionary<object, string>();
        foreach (var child in _root.Children.Values)
            Write(tar, child, written, ct);
        tar.End();
    }

    /// <inheritdoc/>
    public void Dispose() => _below?.Dispose();

    private static void Write(TarWriter tar, Node node, Dictionary<object, string> written, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var facts = node.Facts with { Name = node.Facts.Kind == TarEntryKind.Directory ? node.Path + "/" : node.Path };
        if (node.Content is { } content)
        {
            var group = GroupOf(content, facts);
            if (group is not null && written.TryGetValue(group, out var first))
            {
                tar.Begin(facts with { Kind = TarEntryKind.HardLink, LinkName = first, Size = 0, Attributes = [] });
                return;
            }
            if (group is not null)
                written[group] = node.Path;
            tar.Begin(facts with { Size = content.Size });
            content.Copy(tar.Write);
            return;
        }
        tar.Begin(facts with { Size = 0 });
        foreach (var child in node.Children.Values)
            Write(tar, child, written, ct);
    }

    // One file under several names stays one, if it looks the same under all.
    private static object? GroupOf(SourceEntry content, TarEntry facts) => content.LinkGroup is { } link ? (link, facts.Mode, facts.Uid, facts.Gid) : null;

    private void Merge(SourceEntry directory, Node target, string path, CopyLooks looks)
    {
        foreach (var child in SourceTree.List(directory))
        {
            var below = path.Length == 0 ? child.Name : path + "/" + child.Name;
            var isExcluded = looks.Excludes?.Invoke(below) == true;
            if (child.Kind == SourceKind.Directory)
            {
                if (!isExcluded || HasKept(child, below, looks))
                    Merge(child, Enter(target, child.RawLastName, child.Facts, looks), below, looks);
            }
            else if (!isExcluded)
            {
                Place(target, child.RawLastName, child, looks);
            }
        }
    }

    private static bool HasKept(SourceEntry directory, string path, CopyLooks looks) => SourceTree.List(directory).Any(child =>
        looks.Excludes?.Invoke(path + "/" + child.Name) != true && child.Kind != SourceKind.Directory || child.Kind == SourceKind.Directory && HasKept(child, path + "/" + child.Name, looks));

    private void Place(Node parent, string name, SourceEntry source, CopyLooks looks)
    {
        if (source.Facts.Kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice && !looks.TakesDevices)
            throw new StorageException(StorageError.InvalidInput, $"cannot copy device '{RawName.Show(source.RawLastName)}': a build context has no devices");
        var path = parent.PathOf(name);
        var there = parent.Children.GetValueOrDefault(name)?.Facts.Kind == TarEntryKind.Directory
            || !parent.Children.ContainsKey(name) && parent.IsBelow && _below?.DescribeEntry(path) is { Kind: TarEntryKind.Directory };
        if (there)
            throw new StorageException(StorageError.InvalidInput, $"cannot copy to '/{RawName.Show(path)}': cannot overwrite directory with non-directory");
        parent.Children[name] = new Node(path, name, looks.Apply(source.Facts)) { Content = source.Kind == SourceKind.File ? source : null };
        HasChanges = true;
    }

    // A directory in another, made as the source's unless it is there.
    private Node Enter(Node parent, string name, TarEntry facts, CopyLooks looks)
    {
        var path = parent.PathOf(name);
        if (parent.Children.TryGetValue(name, out var known))
            return known.Facts.Kind == TarEntryKind.Directory ? known : throw NoDirectory(path);
        if (parent.IsBelow && _below?.DescribeEntry(path) is { } there)
        {
            if (there.Kind != TarEntryKind.Directory)
                throw NoDirectory(path);
            return parent.Children[name] = new Node(path, name, there) { IsBelow = true };
        }
        HasChanges = true;
        // A directory that an archive leaves out has no time.
        facts = facts.Modified == default ? facts with { Modified = _now } : facts;
        return parent.Children[name] = new Node(path, name, looks.Apply(facts));
    }

    // The target of a whole directory: if it is not there, it looks as the source.
    private Node OpenFor(SourceEntry source, string path, CopyLooks looks)
    {
        if (path.Trim('/').Length == 0 || IsDirectory(path))
            return Open(path, looks.Owner);
        var (parent, name) = Parent(path, looks.Owner);
        return Enter(parent, name, source.Facts, looks);
    }

    private (Node Parent, string Name) Parent(string path, (uint Uid, uint Gid)? owner)
    {
        var raw = RawName.FromText(path).TrimEnd('/');
        if (_below?.Locate(raw) is { } place)
        {
            // A link at the end leads to what it names.
            var names = place.Canonical.Concat(place.Missing).ToList();
            return names.Count == 0 ? throw NoDirectory("") : (Open(names.SkipLast(1), owner), names[^1]);
        }
        var parts = Names(raw);
        return parts.Count == 0 ? throw NoDirectory("") : (Open(parts.SkipLast(1), owner), parts[^1]);
    }

    private Node Open(string path, (uint Uid, uint Gid)? owner)
    {
        var raw = RawName.FromText(path);
        return Open(_below?.Locate(raw) is { } place ? place.Canonical.Concat(place.Missing) : Names(raw), owner);
    }

    private Node Open(IEnumerable<string> names, (uint Uid, uint Gid)? owner)
    {
        var here = _root;
        foreach (var name in names)
            here = Enter(here, name, Made(owner), CopyLooks.AsTheyAre);
        return here;
    }

    private TarEntry Made((uint Uid, uint Gid)? owner) => new()
    {
        Kind = TarEntryKind.Directory, Name = "", Mode = DirectoryMode, Uid = owner?.Uid ?? 0, Gid = owner?.Gid ?? 0, Modified = _now,
    };

    private static List<string> Names(string raw)
    {
        var names = new List<string>();
        foreach (var name in raw.Split('/'))
        {
            if (name == ".." && names.Count > 0)
                names.RemoveAt(names.Count - 1);
            else if (name is not ("" or "." or ".."))
                names.Add(name);
        }
        return names;
    }

    private static StorageException NoDirectory(string path) => new(StorageError.InvalidInput, $"cannot copy to non-directory: /{RawName.Show(path)}");

    private sealed class Node(string path, string name, TarEntry facts)
    {
        internal string Path { get; } = path;

        internal string Name { get; } = name;

        internal TarEntry Facts { get; set; } = facts;

        /// <summary>A directory that the image has.</summary>
        internal bool IsBelow { get; init; }

        internal SourceEntry? Content { get; init; }

        internal SortedDictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);

        internal string PathOf(string child) => Path.Length == 0 ? child : Path + "/" + child;
    }
}
