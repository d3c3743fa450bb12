using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// Directories that a layer's archive uses without describing them. In the merged view they would show with the default mode and hide how
/// the layers below made them (think of <c>/tmp</c> or <c>/root</c>), so they get owner, permissions, attributes and times from below.
/// </summary>
internal static class ImplicitDirectories
{
    internal static void Dress(string layer, IReadOnlyCollection<string> paths, IReadOnlyList<string> below, WhiteoutStyle style)
    {
        using var root = DirectoryHandle.Open(layer);
        // The deepest first: metadata of a directory includes its time, which making entries changed.
        foreach (var path in paths.OrderByDescending(path => path.Count(c => c == '/')))
        {
            using var target = root.TryResolve(RawName.ToBytes(path), out _);
            if (target is null || target.IsOpaque(style))
                continue;
            using var source = Find(path, below, style);
            if (source is not null)
                TreeCopy.CopyMetadata(source, target);
        }
    }

    // By plain names from layer to layer; a link in the path makes the two different directories, and nothing is copied.
    private static DirectoryHandle? Find(string path, IReadOnlyList<string> below, WhiteoutStyle style)
    {
        foreach (var layer in below)
        {
            var current = DirectoryHandle.Open(layer);
            var names = path.Split('/');
            for (var i = 0; ; i++)
            {
                if (i == names.Length)
                    return current;
                using var parent = current;
                var name = RawName.ToBytes(names[i]);
                if (!parent.TryStat(name, out var status))
                {
                    if (parent.HasMark(name, style))
                        return null;
                    break;
                }
                if (status.Kind != FileKind.Directory)
                    return null;
                current = parent.OpenDirectory(name);
                if (i < names.Length - 1 && current.IsOpaque(style) && !current.TryStat(RawName.ToBytes(names[i + 1]), out _))
                {
                    current.Dispose();
                    return null;
                }
            }
        }
        return null;
    }
}
