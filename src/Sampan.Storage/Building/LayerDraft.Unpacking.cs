using Sampan.Linux.Files;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <content>The layer's files, made of the draft itself while its tar is written.</content>
public sealed partial class LayerDraft
{
    // Less is unpacked from the tar as fast as a thread begins.
    private const int FewEntries = 64;
    private const long FewBytes = 1 << 20;

    // A name that means something else in a layer's tar.
    private const string WhiteoutPrefix = ".wh.";

    /// <summary>
    /// Whether the files can be made without the tar, and it is worth it. What is anything but a plain file, directory or link under a plain name within the
    /// limits goes by the tar, whose reader knows what becomes of it.
    /// </summary>
    internal bool CanUnpack(ArchiveLimits limits)
    {
        var (entries, isPlain) = (0L, true);
        long size = 0;
        var pending = new Stack<Node>([_root]);
        while (isPlain && pending.TryPop(out var node))
        {
            foreach (var child in node.Children.Values)
            {
                entries++;
                size += child.Content?.Size ?? 0;
                isPlain &= IsPlain(child, limits);
                if (child.Facts.Kind == TarEntryKind.Directory)
                    pending.Push(child);
            }
        }
        return isPlain && (entries > FewEntries || size >= FewBytes) && entries * 2 <= limits.MaxEntries && size + entries * 2048 <= limits.MaxLayerBytes;
    }

    /// <summary>Makes the files.</summary>
    /// <param name="root">An empty directory.</param>
    /// <param name="latest">Times after this become this; null: all stay.</param>
    /// <param name="ct">Gives up.</param>
    internal UnpackedLayer UnpackTo(DirectoryHandle root, DateTimeOffset? latest, CancellationToken ct)
    {
        var links = new Dictionary<Node, string>();
        FindLinks(_root, [], links);
        var unpacking = new Unpacking(root, links, latest is { } time ? FileTime.From(time) : null, ct);
        unpacking.Run(_root);
        return new UnpackedLayer(unpacking.Size, OpaqueRoot: false, []);
    }

    // In the order of the tar: what comes first has the content.
    private static void FindLinks(Node node, Dictionary<object, string> first, Dictionary<Node, string> links)
    {
        foreach (var child in node.Children.Values)
        {
            if (child.Content is { } content && GroupOf(content, child.Facts) is { } group && !first.TryAdd(group, child.Path))
                links[child] = first[group];
            FindLinks(child, first, links);
        }
    }

    private static bool IsPlain(Node node, ArchiveLimits limits)
    {
        var facts = node.Facts;
        return facts.Kind switch
            {
                TarEntryKind.Directory => node.Content is null,
                TarEntryKind.File => node.Content is not null,
                TarEntryKind.SymbolicLink => node.Content is null && facts.LinkName.Length is > 0 and < 4096 && facts.LinkName.Length <= limits.MaxPathBytes && !facts.LinkName.Contains('\0'),
                _ => false,
            }
            && node.Name is not ("" or "." or "..") && node.Name.Length <= 255 && node.Name.AsSpan().IndexOfAny('/', '\0') < 0
            && !node.Name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal)
            && node.Path.Length < Math.Min(4000, limits.MaxPathBytes)
            && facts.Uid != uint.MaxValue && facts.Gid != uint.MaxValue
            && facts.Attributes.All(attribute => attribute.Key.All(char.IsAscii) && !attribute.Key.Contains('='));
    }
}
