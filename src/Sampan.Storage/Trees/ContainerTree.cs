using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Trees;

/// <summary>
/// A container's files as its processes see them, mounts and volumes included. A path is walked name by name on open directories, the last of
/// which the kernel is asked for one plain name; links are read and walked from the container's own root, <c>..</c> goes back along the way
/// that was come. So nothing that a running container exchanges meanwhile leads outside (CVE-2018-15664), nothing outside is touched by a path
/// (CVE-2026-42306), and no program or library of the container is ever loaded (CVE-2019-14271, CVE-2026-41567).
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class ContainerTree : IDisposable
{
    private const int MaxLinks = 40; // the kernel's own limit

    private readonly DirectoryHandle _root;

    // Where mounts lie after links, and what is there: only for containers that do not run; the kernel knows those of the others.
    private readonly Dictionary<string, (string Source, OwnerMap? Owners)> _mounts = new(StringComparer.Ordinal);

    // Parts of volumes, held open: a path to them could be rearranged by who writes there.
    private readonly List<SafeFd> _parts = [];

    private readonly OwnerMap? _owners;

    // Of a running container: where its devices are, if not in its root file system.
    private readonly bool _isLive;
    private readonly DeviceNumber? _devices;

    private ContainerTree(DirectoryHandle root) => _root = root;

    private ContainerTree(DirectoryHandle root, OwnerMap? owners)
        : this(root)
    {
        (_owners, _isLive) = (owners, true);
        if (root.TryStat("dev"u8, out var devices) && devices.Kind == FileKind.Directory && devices.FileSystem != FileStatus.Of(root.Descriptor).FileSystem)
            _devices = devices.FileSystem;
    }

    /// <summary>The tree that a process sees.</summary>
    /// <param name="pid">The first process of a running container.</param>
    /// <param name="owners">Who its users are for us; null: the same.</param>
    /// <exception cref="StorageException">Refused: it has ended.</exception>
    public static ContainerTree OfProcess(int pid, OwnerMap? owners = null) => Told(() => new ContainerTree(DirectoryHandle.Open($"/proc/{pid}/root"), owners));

    /// <summary>A tree of a root directory and what is mounted in it, put together here: nothing is mounted for it.</summary>
    /// <param name="root">Belongs to the tree from now on.</param>
    /// <param name="mounts">What lies over it.</param>
    internal static ContainerTree Of(DirectoryHandle root, IEnumerable<TreeMount> mounts)
    {
        var tree = new ContainerTree(root);
        try
        {
            // Outer ones first: an inner one's path may lead through them.
            foreach (var mount in mounts.OrderBy(mount => mount.Destination.Count(c => c == '/')))
            {
                using var place = tree.Walk(mount.Destination, followLast: true);
                if (tree.SourceOf(mount) is { } source)
                    tree._mounts[string.Join('/', place.Missing.Prepend(place.Canonical).Where(part => part.Length > 0))] = (source, mount.Owners);
            }
            return tree;
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    /// <summary>What is at a path; null if nothing is. A symbolic link at the end is not followed, unless the path ends with a slash.</summary>
    /// <param name="path">From the container's root.</param>
    /// <exception cref="StorageException">Refused: too many links, say.</exception>
    public PathFacts? Stat(string path) => Told(() =>
    {
        using var place = Walk(path, EndsAsDirectory(path));
        if (!place.IsFound || (EndsAsDirectory(path) && place.Status.Kind != FileKind.Directory))
            return null;
        var status = place.Status;
        var target = status.Kind == FileKind.SymbolicLink ? Target(path) : "";
        return new PathFacts(LastName(path), (uint)status.Kind | (uint)status.Mode, status.Size, status.ModifiedTime.Seconds, status.ModifiedTime.Nanoseconds, target);
    });

    /// <summary>Refuses a path that cannot be copied: to be asked before <see cref="WriteArchive"/>, whose first bytes may be on their way when it fails.</summary>
    /// <param name="path">From the container's root.</param>
    /// <exception cref="StorageException">InvalidInput: what is there is made by the kernel at each look.</exception>
    public void CheckCopied(string path) => Told(() =>
    {
        using var place = Walk(path, EndsAsDirectory(path));
        CheckKernels(place, path);
        return true;
    });

    /// <summary>Writes what is at a path as a tar whose names begin with the path's last name.</summary>
    /// <param name="path">From the container's root; a directory that ends with <c>/.</c> is written as <c>./</c>.</param>
    /// <param name="output">Gets the tar.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StorageException">NotFound.</exception>
    public void WriteArchive(string path, Stream output, CancellationToken ct) => Told(() =>
    {
        using var place = Walk(path, EndsAsDirectory(path));
        if (!place.IsFound || (EndsAsDirectory(path) && place.Status.Kind != FileKind.Directory))
            throw Missing(path);
        var tar = new TarWriter(output);
        var tree = new TreeWriter(tar, ct) { Owners = OwnersAt(place.Canonical), IsLeftEmpty = _isLive ? IsShown : null };
        var name = RawName.FromText(LastName(path));
        if (place.Name is { } last)
        {
            tree.Write(place.Directory, last, place.Status, name);
        }
        else
        {
            // The root's own name is a slash.
            tree.WriteDirectory(place.Directory, name.TrimEnd('/'));
            tree.WriteContent(place.Directory, name.TrimEnd('/') + "/");
        }
        tar.End();
        return true;
    });

    /// <summary>Unpacks a tar into a directory.</summary>
    /// <param name="path">A directory, perhaps through links.</param>
    /// <param name="tar">Plain or compressed.</param>
    /// <param name="options">How.</param>
    /// <param name="ct">Gives up; what was unpacked stays.</param>
    /// <exception cref="StorageException">NotFound; InvalidInput: no directory, or the archive; Corrupt: the archive.</exception>
    public void Extract(string path, Stream tar, ExtractOptions options, CancellationToken ct) => Told(() =>
    {
        string target;
        using (var place = Walk(path, followLast: true))
        {
            if (!place.IsFound)
                throw Missing(path);
            if (place.Status.Kind != FileKind.Directory)
                throw new StorageException(StorageError.InvalidInput, "extraction point is not a directory");
            CheckKernels(place, path);
            target = place.Canonical;
        }
        using var plain = Compression.Decompress(tar, ArchiveLimits.Default);
        using var note = options.Note is { } file ? CopyNote.Begin(file) : null;
        using var unpacker = new TreeUnpacker(this, target, options, note);
        if (_owners is null)
        {
            unpacker.Unpack(plain, ct);
            return true;
        }

        // Whoever has no id in the container can make nothing there.
        return CurrentProcess.AsOwner(_owners.Root.Uid, _owners.Root.Gid, () =>
        {
            unpacker.Unpack(plain, ct);
            return true;
        });
    });

    // What the kernel and the runtime show to a running container is nothing of its own, and a copy of it would be wrong or endless, or
    // devices elsewhere. dockerd, which looks at the container's disk from outside, does not see it either.
    private bool IsShown(DirectoryHandle directory, FileStatus status) => status.FileSystem == _devices || FileSystem.IsKernels(directory.Descriptor);

    private void CheckKernels(TreePlace place, string path)
    {
        if (place.IsFound && IsKernels(place.Directory))
            throw OfKernel(path);
    }

    /// <summary>Whether a directory of a running container is made by the kernel at each look.</summary>
    internal bool IsKernels(DirectoryHandle directory) => _isLive && FileSystem.IsKernels(directory.Descriptor);

    internal static StorageException OfKernel(string path) =>
        new(StorageError.InvalidInput, $"'{path}' is made by the kernel at each look, as all in /proc and /sys: it cannot be copied; read or write it inside, with exec");

    // What is mounted may belong to others than the rest: the innermost mount counts.
    private OwnerMap? OwnersAt(string canonical)
    {
        for (var path = _mounts.Count == 0 ? "" : canonical; path.Length > 0; path = path[..Math.Max(path.LastIndexOf('/'), 0)])
        {
            if (_mounts.TryGetValue(path, out var mount))
                return mount.Owners;
        }

        return _owners;
    }

    /// <summary>Removes what an <see cref="Extract"/> that was cut off left unfinished, then its note.</summary>
    /// <param name="note">As it was in its <see cref="ExtractOptions.Note"/>.</param>
    /// <exception cref="StorageException">Refused: it cannot be removed.</exception>
    public void FinishExtract(string note) => Told(() =>
    {
        if (CopyNote.Read(note) is { } unfinished)
        {
            using var place = FindFile(unfinished);
            if (place?.Name is { } name)
                place.Directory.RemoveTree(name);
            FailPoint.Changed("finished", note);
        }

        File.Delete(note);
        return true;
    });

    /// <summary>Removes an entry with all that is below it. Nothing happens if it is not there.</summary>
    internal void Remove(string path) => Told(() =>
    {
        using var place = FindFile(RawName.FromText(path));
        if (place?.Name is { } name)
            place.Directory.RemoveTree(name);
        return true;
    });

    /// <summary>Closes the tree.</summary>
    public void Dispose()
    {
        _parts.ForEach(part => part.Dispose());
        _root.Dispose();
    }

    // Null: the part is not there, and nothing is mounted.
    private string? SourceOf(TreeMount mount)
    {
        if (mount.Subpath is not { } path)
            return mount.Source;
        using var volume = RootPath.Open(mount.Source);
        if (!volume.TryOpen(path, OpenFlags.Path, out var part, out _))
            return null;
        _parts.Add(part);
        return part.ProcPath;
    }

    /// <summary>Opens the directory at a raw path, making what is missing of it (mode 0755, root's).</summary>
    /// <param name="raw">The path.</param>
    /// <param name="owners">Who the container's users are there; null: the same.</param>
    /// <exception cref="StorageException">InvalidInput: a part of the path is there and no directory.</exception>
    internal DirectoryHandle OpenDirectory(string raw, out OwnerMap? owners)
    {
        while (true)
        {
            using var place = Walk(raw, followLast: true, isRaw: true);
            owners = OwnersAt(place.Canonical);
            if (place.IsFound && place.Name is null)
                return place.TakeDirectory();
            if (place.IsFound || place.Missing.Count == 0)
                throw new StorageException(StorageError.InvalidInput, $"'{RawName.Show(raw)}' is used as a directory but is none");
            if (place.Missing[0] is "..")
                throw new StorageException(StorageError.InvalidInput, $"'{RawName.Show(raw)}' leads through a directory that does not exist");
            var name = RawName.ToBytes(place.Missing[0]);
            const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            place.Directory.CreateDirectory(name, Mode);
            using var made = place.Directory.OpenDirectory(name);
            made.Descriptor.SetMode(Mode);
            // In a running container it is made as its root.
            if (owners is not null && !_isLive)
                made.Descriptor.SetOwner(owners.Root.Uid, owners.Root.Gid);
        }
    }

    /// <summary>Finds the entry at a raw path, links followed but for the last; null if it is not there or a directory.</summary>
    internal TreePlace? FindFile(string raw)
    {
        var place = Walk(raw, followLast: false, isRaw: true);
        if (place is { IsFound: true, Name: not null })
            return place;
        place.Dispose();
        return null;
    }

    private TreePlace Walk(string path, bool followLast, bool isRaw = false)
    {
        var way = new TreeWay(_root);
        try
        {
            var pending = new Stack<string>(Enumerable.Reverse(Names(isRaw ? path : RawName.FromText(path))));
            var links = 0;
            while (pending.TryPop(out var name))
            {
                if (name == "..")
                {
                    way.Back();
                    continue;
                }
                if (_mounts.TryGetValue(way.PathOf(name), out var mount))
                {
                    if (Directory.Exists(mount.Source))
                    {
                        way.Enter(name, DirectoryHandle.Open(mount.Source));
                        continue;
                    }
                    return pending.Count > 0 ? way.Missing([name, .. pending]) : TreePlace.OfHostFile(mount.Source, way.PathOf(name));
                }
                var bytes = RawName.ToBytes(name);
                if (!way.Here.TryStat(bytes, out var status))
                    return way.Missing([name, .. pending]);
                switch (status.Kind)
                {
                    case FileKind.Directory:
                        if (TryEnter(way, name, bytes))
                            break;
                        // Exchanged between the two looks: look again.
                        pending.Push(name);
                        Count(ref links, path);
                        break;
                    case FileKind.SymbolicLink when pending.Count > 0 || followLast:
                        Count(ref links, path);
                        Follow(way, pending, name, bytes);
                        break;
                    default:
                        return pending.Count > 0 ? way.NotDirectory() : way.File(bytes, status, name);
                }
            }
            return way.Directory();
        }
        finally
        {
            way.Dispose();
        }
    }

    private static bool TryEnter(TreeWay way, string name, byte[] bytes)
    {
        try
        {
            way.Enter(name, way.Here.OpenDirectory(bytes));
            return true;
        }
        catch (LinuxException exchanged) when (exchanged.Errno is Errno.ELOOP or Errno.ENOTDIR or Errno.ENOENT)
        {
            return false;
        }
    }

    private static void Follow(TreeWay way, Stack<string> pending, string name, byte[] bytes)
    {
        byte[] target;
        try
        {
            target = way.Here.ReadLink(bytes);
        }
        catch (LinuxException exchanged) when (exchanged.Errno is Errno.EINVAL or Errno.ENOENT)
        {
            pending.Push(name);
            return;
        }
        if (target is [(byte)'/', ..])
            way.ToRoot();
        foreach (var part in Enumerable.Reverse(Names(RawName.Of(target))))
            pending.Push(part);
    }

    private static void Count(ref int links, string path)
    {
        if (++links > MaxLinks)
            throw new LinuxException("follow links", Errno.ELOOP, path);
    }

    private string Target(string path)
    {
        using var end = Walk(path, followLast: true);
        var parts = end.Missing.Prepend(end.Canonical).Where(part => part.Length > 0);
        return "/" + System.Text.Encoding.UTF8.GetString(RawName.ToBytes(string.Join('/', parts)));
    }

    private static string[] Names(string raw) => [.. raw.Split('/').Where(name => name is not ("" or "."))];

    private static bool EndsAsDirectory(string path) => path.EndsWith('/') || path.EndsWith("/.", StringComparison.Ordinal);

    private static string LastName(string path)
    {
        if (path.EndsWith("/.", StringComparison.Ordinal))
            return ".";
        var name = path.TrimEnd('/');
        return name.Length == 0 ? "/" : name[(name.LastIndexOf('/') + 1)..];
    }

    private static T Told<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (LinuxException refused)
        {
            // What the path or the container's own settings cause is the asker's business; the rest is the machine's.
            var kind = refused.Errno is Errno.ELOOP or Errno.ENAMETOOLONG or Errno.ENOTDIR or Errno.EROFS or Errno.EBUSY or Errno.EISDIR or Errno.ENOTEMPTY
                ? StorageError.InvalidInput
                : StorageError.Refused;
            throw new StorageException(kind, refused.Message, refused);
        }
    }

    private static StorageException Missing(string path) => new(StorageError.NotFound, $"no such file or directory: '{path}'");
}
