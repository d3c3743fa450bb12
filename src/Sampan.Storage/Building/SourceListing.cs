using Sampan.Linux.Files;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <summary>A tree as a list, as it is sent to whoever makes files of it: the counterpart of <see cref="SourceReceiver"/>.</summary>
public static class SourceListing
{
    /// <summary>Every entry below the top, directories before what is in them, names in the order of their bytes. A file's further names say the first.</summary>
    /// <param name="root">The top.</param>
    /// <param name="ct">Gives up.</param>
    public static IReadOnlyList<(ReceivedFile File, SourceEntry Entry)> Of(SourceEntry root, CancellationToken ct)
    {
        var list = new List<(ReceivedFile, SourceEntry)>();
        Add(list, root, "", new Dictionary<object, string>(), ct);
        return list;
    }

    private static void Add(List<(ReceivedFile File, SourceEntry Entry)> list, SourceEntry directory, string prefix, Dictionary<object, string> seen, CancellationToken ct)
    {
        foreach (var entry in SourceTree.List(directory))
        {
            ct.ThrowIfCancellationRequested();
            var path = prefix + entry.RawLastName;
            var facts = entry.Facts;
            var first = entry.LinkGroup is { } group && !seen.TryAdd(group, path) ? seen[group] : "";
            list.Add((
                new ReceivedFile(RawName.ToBytes(path), Kind(facts.Kind) | (uint)facts.Mode)
                {
                    Size = first.Length > 0 ? 0 : entry.Size,
                    Modified = Nanoseconds(facts.Modified),
                    Target = RawName.ToBytes(entry.Kind == SourceKind.SymbolicLink ? facts.LinkName : first),
                    Device = (facts.DeviceMajor, facts.DeviceMinor),
                    Attributes = facts.Attributes,
                },
                entry));
            if (entry.Kind == SourceKind.Directory)
                Add(list, entry, path + "/", seen, ct);
        }
    }

    private static uint Kind(TarEntryKind kind) => kind switch
    {
        TarEntryKind.Directory => 0x4000,
        TarEntryKind.SymbolicLink => 0xa000,
        TarEntryKind.CharacterDevice => 0x2000,
        TarEntryKind.BlockDevice => 0x6000,
        TarEntryKind.Fifo => 0x1000,
        _ => 0x8000,
    };

    private static long Nanoseconds(FileTime time) => unchecked((time.Seconds * 1_000_000_000) + time.Nanoseconds);
}
