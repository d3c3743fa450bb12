using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// One directory as overlayfs would show it: the same directory in several layers, topmost first. Names hidden by a whiteout or
/// below an opaque directory are not there.
/// </summary>
internal sealed class MergedDirectory : ITreeSource
{
    private readonly IReadOnlyList<DirectoryHandle> _parts;
    private readonly WhiteoutStyle _style;

    /// <param name="parts">The directory in each layer that has it, topmost first; at least one. They belong to this object.</param>
    /// <param name="path">Names from the root to here, links resolved.</param>
    /// <param name="style">How the layers mark what they hide.</param>
    internal MergedDirectory(IReadOnlyList<DirectoryHandle> parts, IReadOnlyList<byte[]> path, WhiteoutStyle style)
    {
        _parts = parts;
        _style = style;
        Path = path;
    }

    /// <summary>Opens the root directory of layers.</summary>
    /// <param name="layers">Host directories, topmost first; at least one.</param>
    /// <param name="style">How the layers mark what they hide.</param>
    internal static MergedDirectory OpenRoot(IReadOnlyList<string> layers, WhiteoutStyle style)
    {
        var parts = new List<DirectoryHandle>();
        try
        {
            foreach (var layer in layers)
                parts.Add(DirectoryHandle.Open(layer));
            return new MergedDirectory(parts, [], style);
        }
        catch
        {
            parts.ForEach(part => part.Dispose());
            throw;
        }
    }

    internal IReadOnlyList<byte[]> Path { get; }

    /// <summary>True if it was removed between being listed and being opened.</summary>
    internal bool IsGone => _parts.Count == 0;

    /// <summary>The directory in the topmost layer that has it: its owner, permissions and times are the ones that show.</summary>
    internal DirectoryHandle Top => _parts[0];

    /// <summary>The entry of a name, or null if it is not there.</summary>
    internal TreeEntry? Find(byte[] name)
    {
        foreach (var part in _parts)
        {
            if (part.TryStat(name, out var status))
                return status.IsWhiteout() ? null : new TreeEntry(name, status, part);
            if (part.HasMark(name, _style))
                return null;
        }
        return null;
    }

    /// <summary>Opens a directory in this one.</summary>
    internal MergedDirectory Open(TreeEntry entry)
    {
        var parts = new List<DirectoryHandle>();
        try
        {
            foreach (var part in _parts)
            {
                var hidesBelow = part.HasMark(entry.Name, _style);
                if (!part.TryStat(entry.Name, out var status))
                {
                    if (hidesBelow)
                        break;
                    continue;
                }
                // A whiteout or a file ends the merge: what lies below it was replaced.
                if (status.Kind != FileKind.Directory)
                    break;
                var directory = part.OpenDirectory(entry.Name);
                parts.Add(directory);
                if (hidesBelow || directory.IsOpaque(_style))
                    break;
            }
            return new MergedDirectory(parts, [.. Path, entry.Name], _style);
        }
        catch
        {
            parts.ForEach(part => part.Dispose());
            throw;
        }
    }

    /// <summary>All entries, each name once.</summary>
    internal IEnumerable<TreeEntry> List()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in _parts)
        {
            var hidden = new List<string>();
            foreach (var listed in part.List())
            {
                if (OverlayFormat.IsMark(listed.Name, _style, out var hides))
                    hidden.Add(Archives.RawName.Of(hides));
                else if (seen.Add(Archives.RawName.Of(listed.Name)) && part.TryStat(listed.Name, out var status) && !status.IsWhiteout())
                    yield return new TreeEntry(listed.Name, status, part);
            }
            seen.UnionWith(hidden);
        }
    }

    DirectoryHandle ITreeSource.Top => Top;

    IEnumerable<TreeEntry> ITreeSource.Entries() => List();

    ITreeSource ITreeSource.Descend(TreeEntry entry)
    {
        var directory = Open(entry);
        return directory.IsGone ? throw new LinuxException("open directory", Errno.ENOENT, Archives.RawName.Show(Archives.RawName.Of(entry.Name))) : directory;
    }

    public void Dispose()
    {
        foreach (var part in _parts)
            part.Dispose();
    }
}
