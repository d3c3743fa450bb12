using System.Text;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;
using Sampan.Storage.Trees;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// A container's or an image's file system looked at from outside, without mounting it: layers merged as overlayfs does, symbolic links
/// resolved inside (CVE-2022-23648), never following one out.
/// </summary>
/// <remarks>Not thread-safe. The writing methods are for a container that is not running: overlayfs does not want its layers changed while mounted.</remarks>
public sealed partial class RootView : IDisposable
{
    private const int MaxLinks = 40; // the kernel's own limit
    private const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly IReadOnlyList<string> _layers;
    private readonly string? _writable;
    private readonly WhiteoutStyle _style;

    /// <param name="layers">Host directories, topmost first.</param>
    /// <param name="writable">The one among them that may be changed, or null.</param>
    /// <param name="style">How the layers mark what they hide.</param>
    internal RootView(IReadOnlyList<string> layers, string? writable, WhiteoutStyle style = WhiteoutStyle.Kernel)
    {
        _style = style;
        _layers = layers;
        _writable = writable;
        Root = OpenRoot();
    }

    private MergedDirectory Root { get; }

    /// <summary>Reads a whole file, following links inside.</summary>
    /// <param name="path">Path in the container, from its root.</param>
    /// <param name="maxBytes">More is an error: files of an image may be made to fill the memory (CVE-2026-47262).</param>
    /// <returns>Null if it is not there or no regular file.</returns>
    /// <exception cref="StorageException">InvalidInput: larger than <paramref name="maxBytes"/>.</exception>
    public byte[]? ReadFile(string path, int maxBytes)
    {
        using var found = Resolve(path, followLast: true);
        if (found?.Entry is not { Status.Kind: FileKind.Regular } entry)
            return null;
        if (entry.Status.Size > maxBytes)
            throw new StorageException(StorageError.InvalidInput, $"'{path}' in the image has {entry.Status.Size} bytes, more than the {maxBytes} allowed");
        using var file = entry.Directory.OpenFile(entry.Name, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal);
        var content = new byte[entry.Status.Size];
        var length = 0;
        for (int read; length < content.Length && (read = file.Read(content.AsSpan(length))) > 0;)
            length += read;
        return length == content.Length ? content : content[..length];
    }

    /// <summary>Status of a file, or null if it is not there.</summary>
    /// <param name="path">Path in the container, from its root.</param>
    /// <param name="followLast">Whether a symbolic link at the end is followed.</param>
    public FileStatus? Stat(string path, bool followLast = true)
    {
        using var found = Resolve(path, followLast);
        return found is null ? null : found.Entry?.Status ?? FileStatus.Of(found.Directory.Top.Descriptor);
    }

    /// <summary>True if a directory is there, perhaps through links.</summary>
    public bool DirectoryExists(string path) => Stat(path) is { Kind: FileKind.Directory };

    /// <summary>Makes a directory and its missing parents in the writable layer, mode 0755; those that are there stay as they are.</summary>
    /// <param name="path">Path in the container, from its root; links are followed inside.</param>
    /// <param name="uid">Owner of each directory made.</param>
    /// <param name="gid">Group of each directory made.</param>
    /// <exception cref="StorageException">InvalidInput: a part of the path is there and no directory. NotSupported: the view is read-only.</exception>
    public void CreateDirectories(string path, uint uid, uint gid)
    {
        if (_writable is null)
            throw new StorageException(StorageError.NotSupported, $"cannot create directory '{path}' in a read-only view");
        var pending = Names(path);
        var made = new List<byte[]>();
        // The deepest part that is there, links resolved; what remains are plain names.
        while (true)
        {
            using var found = Resolve(Join(pending), followLast: true);
            if (found is { IsDirectory: true })
            {
                using var parent = CopyUp(found.OpenDirectory().Path);
                Make(parent, made, uid, gid);
                return;
            }
            if (found is not null || pending.Count == 0)
                throw new StorageException(StorageError.InvalidInput, $"cannot create directory '{path}': a part of the path exists and is no directory");
            if (pending[^1] is [(byte)'.', (byte)'.'])
                throw new StorageException(StorageError.InvalidInput, $"cannot create directory '{path}': '..' behind a directory that does not exist");
            made.Insert(0, pending[^1]);
            pending.RemoveAt(pending.Count - 1);
        }
    }

    /// <summary>As <see cref="CreateDirectories"/> with root as owner, but nothing happens where something else is in the way.</summary>
    internal void TryCreateDirectories(string path)
    {
        try
        {
            if (!DirectoryExists(path))
                CreateDirectories(path, 0, 0);
        }
        catch (StorageException)
        {
            // Whoever asks for a path that leads there is told that it is not there.
        }
    }

    /// <summary>
    /// Copies a directory's content with owners, permissions, times, attributes and hard links to a directory of the host, and gives that
    /// directory the owner and permissions of the original. Nothing happens if it is not there or no directory. If it fails, a directory that
    /// was empty is empty again.
    /// </summary>
    /// <param name="path">Path in the container, from its root; links are followed inside.</param>
    /// <param name="hostDirectory">An existing directory of the host.</param>
    /// <param name="owners">Who the owners are on the host; null: the same.</param>
    /// <exception cref="StorageException">Refused: the disk took no more. InvalidInput: an owner is nobody on the host.</exception>
    public void CopyTo(string path, string hostDirectory, OwnerMap? owners = null)
    {
        using var found = Resolve(path, followLast: true);
        if (found is not { IsDirectory: true })
            return;
        using var target = DirectoryHandle.Open(hostDirectory);
        var wasEmpty = target.List().Count == 0;
        try
        {
            new TreeCopy(target, CancellationToken.None) { Owners = owners is null ? null : owners.Outside }.Copy(found.OpenDirectory());
        }
        catch (Exception failure)
        {
            if (wasEmpty)
                target.Clear();
            if (DiskRefusal.Is(failure))
                throw DiskRefusal.Of(failure);
            throw;
        }
    }

    /// <summary>Writes all files as a tar, names without a leading slash. What changes meanwhile is written as it was found.</summary>
    /// <param name="tar">Gets the archive.</param>
    /// <param name="ct">Gives up.</param>
    public void WriteTo(Stream tar, CancellationToken ct)
    {
        var writer = new TarWriter(tar);
        new TreeWriter(writer, ct).WriteContent(Root, "");
        writer.End();
    }

    /// <summary>Closes the view.</summary>
    public void Dispose() => Root.Dispose();

    /// <summary>The directory at a canonical path in the writable layer, made with its parents as they show if it is not there yet.</summary>
    private DirectoryHandle CopyUp(IReadOnlyList<byte[]> path)
    {
        var current = DirectoryHandle.Open(_writable!);
        var merged = OpenRoot();
        try
        {
            foreach (var name in path)
            {
                var next = merged.Open(new TreeEntry(name, default, merged.Top));
                if (!current.TryStat(name, out _))
                {
                    current.CreateDirectory(name, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                    using var made = current.OpenDirectory(name);
                    TreeCopy.CopyMetadata(next.Top, made);
                }
                var child = current.OpenDirectory(name);
                current.Dispose();
                merged.Dispose();
                (current, merged) = (child, next);
            }
            return current;
        }
        catch
        {
            current.Dispose();
            throw;
        }
        finally
        {
            merged.Dispose();
        }
    }

    private static void Make(DirectoryHandle parent, List<byte[]> names, uint uid, uint gid)
    {
        var current = parent;
        foreach (var name in names)
        {
            // Where a file of a lower layer was deleted a whiteout stands; what comes in its place must hide the same.
            var replaces = current.TryStat(name, out var status) && status.IsWhiteout();
            if (replaces)
                current.RemoveTree(name);
            current.CreateDirectory(name, DirectoryMode);
            var made = current.OpenDirectory(name);
            if (replaces)
                made.SetOpaque(WhiteoutStyle.Kernel);
            made.Descriptor.SetOwner(uid, gid);
            made.Descriptor.SetMode(DirectoryMode);
            if (!ReferenceEquals(current, parent))
                current.Dispose();
            current = made;
        }
        if (!ReferenceEquals(current, parent))
            current.Dispose();
    }

    private MergedDirectory OpenRoot() => MergedDirectory.OpenRoot(_layers, _style);

    /// <summary>Walks a path as the kernel would in a chroot. Null if it is not there, or goes through something that is no directory.</summary>
    private Resolved? Resolve(string path, bool followLast)
    {
        var stack = new Stack<MergedDirectory>();
        stack.Push(OpenRoot());
        try
        {
            var pending = new Stack<byte[]>(Enumerable.Reverse(Names(path)));
            var links = 0;
            while (pending.TryPop(out var name))
            {
                if (name is [(byte)'.', (byte)'.'])
                {
                    if (stack.Count > 1)
                        stack.Pop().Dispose();
                    continue;
                }
                var here = stack.Peek();
                if (here.Find(name) is not { } entry)
                    return null;
                switch (entry.Status.Kind)
                {
                    case FileKind.Directory:
                        stack.Push(here.Open(entry));
                        break;
                    case FileKind.SymbolicLink when pending.Count > 0 || followLast:
                        if (++links > MaxLinks)
                            throw new LinuxException("follow links", Errno.ELOOP, path);
                        var target = entry.Directory.ReadLink(name);
                        while (target is [(byte)'/', ..] && stack.Count > 1)
                            stack.Pop().Dispose();
                        foreach (var part in Enumerable.Reverse(Names(RawName.Of(target), raw: true)))
                            pending.Push(part);
                        break;
                    default:
                        return pending.Count > 0 ? null : new Resolved(stack.Pop(), entry);
                }
            }
            return new Resolved(stack.Pop(), null);
        }
        finally
        {
            while (stack.TryPop(out var directory))
                directory.Dispose();
        }
    }

    private static List<byte[]> Names(string path, bool raw = false) =>
        [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").Select(name => raw ? RawName.ToBytes(name) : Encoding.UTF8.GetBytes(name))];

    private static string Join(IEnumerable<byte[]> names) => string.Join('/', names.Select(name => Encoding.UTF8.GetString(name)));

    /// <summary>Where a path led: a directory, or an entry that is none with the directory it is in.</summary>
    private sealed class Resolved(MergedDirectory directory, TreeEntry? entry) : IDisposable
    {
        internal MergedDirectory Directory { get; } = directory;

        internal TreeEntry? Entry { get; } = entry;

        internal bool IsDirectory => Entry is null;

        internal MergedDirectory OpenDirectory() => Directory;

        public void Dispose() => Directory.Dispose();
    }
}
