using Sampan.Storage.Archives;
using Sampan.Storage.Snapshots;
using Sampan.Storage.Trees;

namespace Sampan.Storage.Images.Layers;

/// <summary>
/// Several layers as one: what shows with them and does not show without them, and marks for what they took away. A file that comes from below is
/// known by its inode, so nothing is compared.
/// </summary>
internal static class LayerMerge
{
    /// <summary>Writes the layer.</summary>
    /// <param name="with">All layers.</param>
    /// <param name="without">Those below; null: there are none.</param>
    /// <param name="output">Gets the tar.</param>
    /// <param name="ct">Gives up.</param>
    internal static void Write(MergedDirectory with, MergedDirectory? without, Stream output, CancellationToken ct)
    {
        var tar = new TarWriter(output);
        Write(with, without, "", new TreeWriter(tar, ct));
        tar.End();
    }

    private static void Write(MergedDirectory with, MergedDirectory? without, string prefix, TreeWriter tree)
    {
        var below = without?.List().ToDictionary(entry => RawName.Of(entry.Name), StringComparer.Ordinal) ?? [];
        var here = with.List().ToDictionary(entry => RawName.Of(entry.Name), StringComparer.Ordinal);
        foreach (var name in here.Keys.Union(below.Keys).Order(StringComparer.Ordinal))
        {
            var old = below.GetValueOrDefault(name);
            if (!here.TryGetValue(name, out var entry))
            {
                tree.WriteWhiteout(prefix, name);
                continue;
            }
            // A directory of the layers above would be the one that shows: so nothing below it is of them either.
            if (old is not null && old.Status.FileSystem == entry.Status.FileSystem && old.Status.Inode == entry.Status.Inode)
                continue;
            tree.Write(entry.Directory, entry.Name, entry.Status, prefix + name);
            if (entry.Status.Kind != Linux.Io.FileKind.Directory)
                continue;
            using var inner = with.Open(entry);
            using var innerBelow = old is { Status.Kind: Linux.Io.FileKind.Directory } ? without?.Open(old) : null;
            Write(inner, innerBelow, $"{prefix}{name}/", tree);
        }
    }
}
