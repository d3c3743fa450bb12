using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Trees;

/// <summary>
/// What a container changed on top of its image. Directories that changed only because something below them did come too, before it, as
/// Docker has it. Files that the engine puts under its own mounts do not count.
/// </summary>
/// <remarks>Not thread-safe; a running container may go on changing files meanwhile.</remarks>
public sealed class SnapshotDifference : IDisposable
{
    private const int MaxDepth = 1024;

    // Where every container has something of the engine's mounted: empty files and directories of that name were made for it.
    private static readonly HashSet<string> s_stubs = new(StringComparer.Ordinal)
    {
        "dev", "dev/console", "dev/mqueue", "dev/pts", "dev/shm", "proc", "sys", "etc", "etc/hostname", "etc/hosts", "etc/resolv.conf", ".dockerenv",
    };

    private readonly DirectoryHandle _own;
    private readonly MergedDirectory? _below;
    private readonly bool _isWhole;
    private readonly HashSet<string> _mounted = new(StringComparer.Ordinal);
    private bool _isExact;

    /// <param name="own">The snapshot's own files.</param>
    /// <param name="below">The image's, or null if it has no layers.</param>
    /// <param name="isWhole">True if the snapshot holds everything, so that what it lacks is gone; false if it marks that.</param>
    internal SnapshotDifference(DirectoryHandle own, MergedDirectory? below, bool isWhole)
    {
        _own = own;
        _below = below;
        _isWhole = isWhole;
    }

    /// <summary>Every path that differs, parents first, sorted.</summary>
    /// <param name="ct">Gives up.</param>
    public IReadOnlyList<TreeChange> List(CancellationToken ct)
    {
        var changes = new List<TreeChange>();
        Walk((path, kind, _, _, _) => changes.Add(new TreeChange("/" + Text(path), kind)), ct);
        return changes;
    }

    /// <summary>Writes the difference as a layer: see <see href="https://github.com/opencontainers/image-spec/blob/main/layer.md">image-spec, layers</see>.</summary>
    /// <param name="tar">Gets the archive; with nothing in it if nothing changed.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="isExact">Every file of the snapshot's own comes, even if it looks as the one below: same size and time do not mean same content where times are made up.</param>
    /// <param name="latest">Times after this become this; null: all stay.</param>
    /// <param name="mounted">More paths where something was mounted: what is empty there was made for it.</param>
    public void WriteTo(Stream tar, CancellationToken ct, bool isExact = false, DateTimeOffset? latest = null, IEnumerable<string>? mounted = null)
    {
        _isExact = isExact;
        foreach (var path in mounted ?? [])
        {
            // The directories on the way were made for it, too.
            var raw = RawName.FromText(path).Trim('/');
            for (; raw.Length > 0; raw = raw[..Math.Max(0, raw.LastIndexOf('/'))])
                _mounted.Add(raw);
        }
        var writer = new TarWriter(tar) { Latest = latest is { } time ? FileTime.From(time) : null };
        var tree = new TreeWriter(writer, ct);
        Walk(
            (path, kind, parent, name, status) =>
            {
                if (kind == ChangeKind.Deleted)
                    tree.WriteWhiteout(path[..^RawName.Of(name).Length], RawName.Of(name));
                else
                    tree.Write(parent, name, status, path);
            },
            ct);
        writer.End();
    }

    /// <summary>Closes the directories.</summary>
    public void Dispose()
    {
        _own.Dispose();
        _below?.Dispose();
    }

    private delegate void Visitor(string path, ChangeKind kind, DirectoryHandle parent, byte[] name, FileStatus status);

    private void Walk(Visitor visit, CancellationToken ct) => Walk(new Place(_own, _below, "", _isWhole, 0), new Stack<Action>(), visit, ct);

    // "pending": directories on the way here that are told only if something below them is.
    private void Walk(Place place, Stack<Action> pending, Visitor visit, CancellationToken ct)
    {
        if (place.Depth > MaxDepth)
            throw new StorageException(StorageError.NotSupported, $"directory '/{RawName.Show(place.Prefix)}' is nested more than {MaxDepth} deep");
        foreach (var name in Names(place))
        {
            ct.ThrowIfCancellationRequested();
            var path = place.Prefix + RawName.Of(name);
            var old = place.Below?.Find(name);
            if (!place.Own.TryStat(name, out var status) || !_isWhole && status.IsWhiteout())
            {
                if (old is not null)
                    Tell(() => visit(path, ChangeKind.Deleted, place.Own, name, default));
                continue;
            }
            var kind = old is null ? ChangeKind.Added : ChangeKind.Modified;
            if (status.Kind == FileKind.Directory)
            {
                pending.Push(() => visit(path, kind, place.Own, name, status));
                var count = pending.Count;
                if (old is null ? !IsStub(path) : Differs(place.Own, name, status, old))
                    Flush();
                Descend(place, name, path, old, pending, visit, ct);
                if (pending.Count == count)
                    pending.Pop();
            }
            else if (old is null ? !(status is { Kind: FileKind.Regular, Size: 0 } && IsStub(path)) : _isExact && !_isWhole || Differs(place.Own, name, status, old))
            {
                Tell(() => visit(path, kind, place.Own, name, status));
            }
        }

        void Tell(Action act)
        {
            Flush();
            act();
        }

        void Flush()
        {
            foreach (var told in pending.Reverse())
                told();
            pending.Clear();
        }
    }

    private void Descend(Place place, byte[] name, string path, TreeEntry? old, Stack<Action> pending, Visitor visit, CancellationToken ct)
    {
        DirectoryHandle own;
        try
        {
            own = place.Own.OpenDirectory(name);
        }
        catch (Linux.LinuxException gone) when (gone.Errno is Linux.Errno.ENOENT or Linux.Errno.ENOTDIR)
        {
            return;
        }
        using (own)
        {
            var isWhole = place.IsWhole || own.IsOpaque(WhiteoutStyle.Kernel);
            using var below = old is { Status.Kind: FileKind.Directory } ? place.Below?.Open(old) : null;
            Walk(new Place(own, below, path + "/", isWhole, place.Depth + 1), pending, visit, ct);
        }
    }

    private bool IsStub(string path) => s_stubs.Contains(path) || _mounted.Contains(path);

    // Own names, and, where the snapshot says all there is, those that it lacks.
    private static IEnumerable<byte[]> Names(Place place)
    {
        var names = place.Own.List().Select(entry => entry.Name);
        if (place is { IsWhole: true, Below: { } below })
            names = names.Concat(below.List().Select(entry => entry.Name)).DistinctBy(name => RawName.Of(name));
        return names.OrderBy(name => RawName.Of(name), StringComparer.Ordinal);
    }

    // As Docker compares: a directory's size and time follow from its entries.
    private static bool Differs(DirectoryHandle own, byte[] name, in FileStatus status, TreeEntry old)
    {
        var before = old.Status;
        if (status.Kind != before.Kind || status.Mode != before.Mode || status.Uid != before.Uid || status.Gid != before.Gid || status.Device != before.Device)
            return true;
        if (status.Kind != FileKind.Directory && (status.Size != before.Size || status.ModifiedTime != before.ModifiedTime))
            return true;
        return status.Kind == FileKind.Regular && !Capability(own, name).AsSpan().SequenceEqual(Capability(old.Directory, old.Name));
    }

    private static byte[]? Capability(DirectoryHandle directory, byte[] name)
    {
        try
        {
            return directory.GetAttribute(name, "security.capability");
        }
        catch (Linux.LinuxException gone) when (gone.Errno == Linux.Errno.ENOENT)
        {
            return null;
        }
    }

    private static string Text(string raw) => System.Text.Encoding.UTF8.GetString(RawName.ToBytes(raw));

    private sealed record Place(DirectoryHandle Own, MergedDirectory? Below, string Prefix, bool IsWhole, int Depth);
}
