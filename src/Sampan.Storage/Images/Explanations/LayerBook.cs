using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;
using Sampan.Storage.Images.Layers;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images.Explanations;

/// <summary>Reads the unpacked layers of an image from the lowest up and keeps book of every file: which layer it is from, and which hid it.</summary>
internal sealed class LayerBook(WhiteoutStyle style, CancellationToken ct)
{
    private const int MaxDepth = 1024;

    private readonly Node _root = new();
    private readonly Dictionary<string, (long Bytes, int Copies)> _wasted = new(StringComparer.Ordinal);
    private int _added;
    private int _changed;
    private int _deleted;
    private long _lost;

    /// <summary>Adds the next layer.</summary>
    internal ExplainedLayer Add(string directory, bool isOpaque, ImageLayer layer, string createdBy)
    {
        (_added, _changed, _deleted, _lost) = (0, 0, 0, 0);
        using var root = DirectoryHandle.Open(directory);
        if (isOpaque)
            Hide(_root, "");
        Add(root, _root, "", [], 0);
        return new ExplainedLayer
        {
            DiffId = layer.DiffId,
            CreatedBy = createdBy,
            Bytes = layer.Size,
            BlobBytes = layer.Blob.Size,
            Added = _added,
            Changed = _changed,
            Deleted = _deleted,
            Wasted = _lost,
        };
    }

    /// <summary>Files that are hidden, the largest first.</summary>
    internal IReadOnlyList<WastedPath> Wasted(int most) =>
        [.. _wasted.OrderByDescending(waste => waste.Value.Bytes).ThenBy(waste => waste.Key, StringComparer.Ordinal).Take(most)
            .Select(waste => new WastedPath("/" + System.Text.Encoding.UTF8.GetString(RawName.ToBytes(waste.Key)), waste.Value.Bytes, waste.Value.Copies, !IsThere(waste.Key)))];

    internal long TotalWasted => _wasted.Values.Sum(waste => waste.Bytes);

    private void Add(DirectoryHandle directory, Node node, string prefix, HashSet<(DeviceNumber, ulong)> linked, int depth)
    {
        if (depth > MaxDepth)
            throw new StorageException(StorageError.NotSupported, $"directory '/{RawName.Show(prefix)}' is nested more than {MaxDepth} deep");
        if (directory.IsOpaque(style) && depth > 0)
            Hide(node, prefix);
        foreach (var entry in directory.List())
        {
            ct.ThrowIfCancellationRequested();
            var name = RawName.Of(entry.Name);
            if (OverlayFormat.IsMark(entry.Name, style, out var hidden))
            {
                if (!hidden.IsEmpty)
                    Remove(node, RawName.Of(hidden), prefix);
                continue;
            }
            if (!directory.TryStat(entry.Name, out var status))
                continue;
            if (status.IsWhiteout())
                Remove(node, name, prefix);
            else if (status.Kind == FileKind.Directory)
                AddDirectory(directory, entry.Name, node, prefix + name, linked, depth);
            else
                AddFile(node, name, prefix, status.Kind == FileKind.Regular && (status.LinkCount == 1 || linked.Add((status.FileSystem, status.Inode))) ? status.Size : 0);
        }
    }

    private void AddDirectory(DirectoryHandle parent, byte[] name, Node node, string path, HashSet<(DeviceNumber, ulong)> linked, int depth)
    {
        var key = RawName.Of(name);
        node.Children ??= new(StringComparer.Ordinal);
        if (node.Children.TryGetValue(key, out var known) && known.IsFile)
        {
            Waste(path, known.Bytes);
            _changed++;
            known = null;
        }
        node.Children[key] = known ??= new Node();
        using var directory = parent.OpenDirectory(name);
        Add(directory, known, path + "/", linked, depth + 1);
    }

    private void AddFile(Node node, string name, string prefix, long bytes)
    {
        node.Children ??= new(StringComparer.Ordinal);
        if (node.Children.TryGetValue(name, out var known))
        {
            _changed++;
            if (known.IsFile)
                Waste(prefix + name, known.Bytes);
            else
                Hide(known, prefix + name + "/");
        }
        else
        {
            _added++;
        }
        node.Children[name] = new Node { IsFile = true, Bytes = bytes };
    }

    private void Remove(Node node, string name, string prefix)
    {
        if (node.Children is null || !node.Children.Remove(name, out var known))
            return;
        if (known.IsFile)
        {
            _deleted++;
            Waste(prefix + name, known.Bytes);
        }
        else
        {
            Hide(known, prefix + name + "/");
        }
    }

    private void Hide(Node node, string prefix)
    {
        foreach (var (name, child) in node.Children ?? [])
        {
            if (!child.IsFile)
            {
                Hide(child, prefix + name + "/");
                continue;
            }
            _deleted++;
            Waste(prefix + name, child.Bytes);
        }
        node.Children = null;
    }

    private void Waste(string path, long bytes)
    {
        if (bytes == 0)
            return;
        _lost += bytes;
        var (before, copies) = _wasted.GetValueOrDefault(path);
        _wasted[path] = (before + bytes, copies + 1);
    }

    private bool IsThere(string path)
    {
        var node = _root;
        foreach (var name in path.Split('/'))
        {
            if (node.Children is null || !node.Children.TryGetValue(name, out var next))
                return false;
            node = next;
        }
        return node.IsFile;
    }

    private sealed class Node
    {
        internal Dictionary<string, Node>? Children { get; set; }

        internal bool IsFile { get; init; }

        internal long Bytes { get; init; }
    }
}
