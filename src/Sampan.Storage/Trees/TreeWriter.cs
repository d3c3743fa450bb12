using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Trees;

/// <summary>
/// Writes files and directories into a tar: hard links among them, capabilities and user attributes, times to the nanosecond. Sockets have
/// no form in a tar and are left out. The tree may change meanwhile: what vanishes is left out, what shrinks is filled with zeros.
/// </summary>
internal sealed class TreeWriter(TarWriter tar, CancellationToken ct)
{
    // One level costs a descriptor for each layer and some stack; a tree made to exhaust them ends with an error instead.
    private const int MaxDepth = 1024;
    private const int MaxPathBytes = 4095;

    // Smaller holes are not worth the map that they cost.
    private const long MinHoleBytes = 64 * 1024;

    private readonly Dictionary<(DeviceNumber, ulong), string> _linked = [];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024);

    /// <summary>Holes of files are left out, as GNU tar does with --sparse (PAX, version 1.0); otherwise they are written as zeros, which every reader understands.</summary>
    internal bool KeepsHoles { get; init; }

    /// <summary>Whose users the owners are; null: those of the tar.</summary>
    internal OwnerMap? Owners { get; init; }

    /// <summary>Asked of each directory on another file system than the one above it: whether it is written without what is in it; null: none is.</summary>
    internal Func<DirectoryHandle, FileStatus, bool>? IsLeftEmpty { get; init; }

    /// <summary>Writes an entry that is no directory, or a directory without what is in it.</summary>
    /// <param name="parent">Where it is.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="status">What was seen of it.</param>
    /// <param name="path">Its raw name in the tar, without a slash at the end.</param>
    internal void Write(DirectoryHandle parent, byte[] name, in FileStatus status, string path)
    {
        ct.ThrowIfCancellationRequested();
        if (path.Length > MaxPathBytes)
            throw new StorageException(StorageError.NotSupported, $"path '{RawName.Show(path)}' is longer than {MaxPathBytes} bytes");
        if (status.Kind is FileKind.Socket or FileKind.Unknown)
            return;
        if (status.Kind != FileKind.Directory && status.LinkCount > 1)
        {
            if (_linked.TryGetValue(Key(status), out var first))
            {
                tar.Begin(Owned(parent, name, status, path) with { Kind = TarEntryKind.HardLink, LinkName = first, Size = 0, Attributes = [] });
                return;
            }
            // A file counts once it is written: it may vanish before.
            if (status.Kind != FileKind.Regular)
                _linked.Add(Key(status), path);
        }
        if (status.Kind == FileKind.Regular)
            WriteFile(parent, name, path);
        else if (status.Kind != FileKind.SymbolicLink)
            tar.Begin(Owned(parent, name, status, path));
        else if (Tolerated(() => parent.ReadLink(name)) is { } target)
            tar.Begin(Owned(parent, name, status, path) with { Kind = TarEntryKind.SymbolicLink, LinkName = RawName.Of(target) });
    }

    /// <summary>Writes a directory itself.</summary>
    internal void WriteDirectory(DirectoryHandle directory, string path) =>
        tar.Begin(Owned(directory, [], FileStatus.Of(directory.Descriptor), path));

    /// <summary>Writes all that is in a directory, and below.</summary>
    /// <param name="directory">Which.</param>
    /// <param name="prefix">What the names in the tar begin with: empty, or with a slash at the end.</param>
    /// <param name="depth">How deep this is.</param>
    internal void WriteContent(DirectoryHandle directory, string prefix, int depth = 0)
    {
        Check(depth, prefix);
        var here = IsLeftEmpty is null ? default : FileStatus.Of(directory.Descriptor).FileSystem;
        foreach (var name in directory.List().Select(entry => entry.Name).OrderBy(name => RawName.Of(name), StringComparer.Ordinal))
        {
            if (!directory.TryStat(name, out var status))
                continue;
            var path = prefix + RawName.Of(name);
            if (status.Kind != FileKind.Directory)
            {
                Write(directory, name, status, path);
                continue;
            }
            using var child = Tolerated(() => directory.OpenDirectory(name));
            if (child is null)
                continue;
            WriteDirectory(child, path);
            if (IsLeftEmpty is null || status.FileSystem == here || !IsLeftEmpty(child, status))
                WriteContent(child, path + "/", depth + 1);
        }
    }

    /// <inheritdoc cref="WriteContent(DirectoryHandle, string, int)"/>
    internal void WriteContent(MergedDirectory directory, string prefix, int depth = 0)
    {
        Check(depth, prefix);
        foreach (var entry in directory.List().OrderBy(entry => RawName.Of(entry.Name), StringComparer.Ordinal))
        {
            var path = prefix + RawName.Of(entry.Name);
            if (entry.Status.Kind != FileKind.Directory)
            {
                Write(entry.Directory, entry.Name, entry.Status, path);
                continue;
            }
            using var child = Tolerated(() => directory.Open(entry));
            if (child is null || child.IsGone)
                continue;
            WriteDirectory(child.Top, path);
            WriteContent(child, path + "/", depth + 1);
        }
    }

    /// <summary>Writes the mark that takes a name of the layers below away.</summary>
    internal void WriteWhiteout(string prefix, string name) =>
        tar.Begin(new TarEntry { Kind = TarEntryKind.File, Name = $"{prefix}.wh.{name}" });

    private void WriteFile(DirectoryHandle parent, byte[] name, string path)
    {
        // Somebody may put a fifo or device in the file's place: it must neither hold us nor be read.
        using var file = Tolerated(() => parent.OpenFile(name, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal));
        if (file is null)
            return;
        var status = FileStatus.Of(file);
        if (status.Kind != FileKind.Regular)
            return;
        if (status.LinkCount > 1)
            _linked[Key(status)] = path;
        if (KeepsHoles && status.Size - status.AllocatedSize >= MinHoleBytes && file.Parts(status.Size) is { Count: < SparseMap.MaxParts } parts)
        {
            tar.BeginSparse(Owned(parent, name, status, path), parts);
            foreach (var (offset, length) in parts)
            {
                file.MoveTo(offset);
                WriteContent(file, length);
            }
            tar.EndSparse();
            return;
        }
        tar.Begin(Owned(parent, name, status, path));
        WriteContent(file, status.Size);
    }

    private void WriteContent(SafeFd file, long length)
    {
        for (var left = length; left > 0;)
        {
            ct.ThrowIfCancellationRequested();
            var want = _buffer.AsSpan(0, (int)Math.Min(left, _buffer.Length));
            var read = file.Read(want);
            // It shrank: the header is written, so zeros stand for what is gone, as tar(1) does it.
            if (read == 0)
            {
                want.Clear();
                read = want.Length;
            }
            tar.Write(want[..read]);
            left -= read;
        }
    }

    private TarEntry Owned(DirectoryHandle parent, byte[] name, in FileStatus status, string path)
    {
        var entry = Entry(parent, name, status, path);
        if (Owners is null)
            return entry;
        var (uid, gid) = Owners.Inside((entry.Uid, entry.Gid));
        return entry with { Uid = uid, Gid = gid };
    }

    internal static TarEntry Entry(DirectoryHandle parent, byte[] name, in FileStatus status, string path) => new()
    {
        Kind = status.Kind switch
        {
            FileKind.Directory => TarEntryKind.Directory,
            FileKind.CharacterDevice => TarEntryKind.CharacterDevice,
            FileKind.BlockDevice => TarEntryKind.BlockDevice,
            FileKind.Fifo => TarEntryKind.Fifo,
            _ => TarEntryKind.File,
        },
        Name = status.Kind == FileKind.Directory ? path + "/" : path,
        Mode = status.Mode,
        Uid = status.Uid,
        Gid = status.Gid,
        Modified = status.ModifiedTime,
        Size = status.Kind == FileKind.Regular ? status.Size : 0,
        DeviceMajor = status.Device.Major,
        DeviceMinor = status.Device.Minor,
        Attributes = Attributes(parent, name),
    };

    // Labels and ACLs belong to the host's policy; what a program needs are capabilities and what it wrote itself.
    private static List<KeyValuePair<string, byte[]>> Attributes(DirectoryHandle parent, byte[] name)
    {
        var attributes = new List<KeyValuePair<string, byte[]>>();
        foreach (var attribute in Tolerated(() => parent.ListAttributes(name)) ?? [])
        {
            var isWanted = attribute == "security.capability" || attribute.StartsWith("user.", StringComparison.Ordinal) && !OverlayAttributes.IsReserved(attribute);
            if (isWanted && Tolerated(() => parent.GetAttribute(name, attribute)) is { } value)
                attributes.Add(new(attribute, value));
        }
        attributes.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return attributes;
    }

    private static (DeviceNumber, ulong) Key(in FileStatus status) => (status.FileSystem, status.Inode);

    // Removed or exchanged since it was listed: a running container may do that.
    private static T? Tolerated<T>(Func<T?> look)
        where T : class
    {
        try
        {
            return look();
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP or Errno.EINVAL or Errno.ENXIO or Errno.ESTALE)
        {
            return null;
        }
    }

    private static void Check(int depth, string path)
    {
        if (depth > MaxDepth)
            throw new StorageException(StorageError.NotSupported, $"directory '{RawName.Show(path)}' is nested more than {MaxDepth} deep");
    }
}
