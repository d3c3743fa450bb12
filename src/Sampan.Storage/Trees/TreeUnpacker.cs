using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Trees;

/// <summary>
/// Unpacks a tar among files that are there already. A file takes its place whole or not at all; directories that are there keep what is in
/// them. Marks of layers (<c>.wh.</c>) are ordinary names here.
/// </summary>
/// <param name="tree">Where.</param>
/// <param name="target">The directory, from the tree's root.</param>
/// <param name="options">How.</param>
/// <param name="note">Told where the unfinished file is; null: nobody need know.</param>
internal sealed class TreeUnpacker(ContainerTree tree, string target, ExtractOptions options, CopyNote? note) : IDisposable
{
    // The one file that is not whole: of this name, in the directory that is filled.
    private readonly string _unfinished = $".sampan-cp-{Guid.NewGuid():n}";
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024);
    private readonly List<(string Path, FileTime Modified)> _directoryTimes = [];
    private (string Path, Place Place)? _last;

    internal void Unpack(Stream tar, CancellationToken ct)
    {
        using var reader = new TarReader(tar);
        TarEntry? top = null;
        while (reader.Next() is { } entry)
        {
            ct.ThrowIfCancellationRequested();
            var path = LayerPath.Parse(entry.Name, "path");
            // Docker leaves the directory itself as it is.
            if (path.IsRoot)
            {
                top = options.WithTop ? entry : null;
                continue;
            }
            try
            {
                Unpack(path, entry, reader, ct);
            }
            catch (LinuxException refused)
            {
                throw new LinuxException($"write '{RawName.Show(path.Full)}': {refused.Call}", refused.Errno, refused.Operand);
            }
        }
        reader.Drain();
        foreach (var (path, modified) in _directoryTimes)
            SetTime(path, modified);
        if (top is not null)
            DressTop(top);
    }

    private void DressTop(TarEntry top)
    {
        using var directory = tree.OpenDirectory(target, out _);
        directory.Descriptor.SetOwner(top.Uid, top.Gid);
        directory.Descriptor.SetMode(top.Mode);
        foreach (var (name, value) in top.Attributes)
        {
            var errno = directory.Descriptor.TrySetAttribute(name, value);
            if (errno is not (Errno.None or Errno.EOPNOTSUPP))
                throw new LinuxException($"set attribute '{name}'", errno);
        }
        directory.Descriptor.SetModified(top.Modified);
    }

    public void Dispose() => _last?.Place.Directory.Dispose();

    private void Unpack(LayerPath path, TarEntry entry, TarReader reader, CancellationToken ct)
    {
        var place = Open(path.Parent);
        var parent = place.Directory;
        var name = RawName.ToBytes(path.Name);
        var isThere = parent.TryStat(name, out var old);
        var wasDirectory = isThere && old.Kind == FileKind.Directory;
        var isDirectory = entry.Kind == TarEntryKind.Directory;
        if (options.KeepKinds && isThere && wasDirectory != isDirectory)
        {
            throw new StorageException(StorageError.InvalidInput, isDirectory
                ? $"cannot overwrite non-directory \"/{Show(path)}\" with directory \"/{RawName.Show(target)}\""
                : $"cannot overwrite directory \"/{Show(path)}\" with non-directory \"/{RawName.Show(target)}\"");
        }
        if (place.IsKernels || (wasDirectory && IsKernels(parent, name)))
        {
            // Places of what the kernel shows are in every root that somebody copies (`cp root/. c:/`): they stay as they are.
            if (isDirectory && wasDirectory)
                return;
            throw ContainerTree.OfKernel("/" + Show(path));
        }
        if (isDirectory)
        {
            if (isThere && !wasDirectory)
                parent.RemoveTree(name);
            if (!wasDirectory)
                parent.CreateDirectory(name, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            using var directory = parent.OpenDirectory(name);
            LayerUnpacker.SetMetadata(directory.Descriptor, Owned(entry, place));
            _directoryTimes.Add((path.Full, entry.Modified));
            return;
        }
        // A directory cannot be replaced by renaming a file over it.
        if (wasDirectory)
            parent.RemoveTree(name);
        Put(place, name, path, entry, reader, ct);
    }

    private bool IsKernels(DirectoryHandle parent, byte[] name)
    {
        using var directory = parent.OpenDirectory(name);
        return tree.IsKernels(directory);
    }

    // Made under a name of its own and moved to its place: nobody sees half of it, and a full disk leaves the old one.
    private void Put(Place place, byte[] name, LayerPath path, TarEntry entry, TarReader reader, CancellationToken ct)
    {
        var parent = place.Directory;
        var unfinished = RawName.ToBytes(_unfinished);
        try
        {
            Make(place, unfinished, path, entry, reader, ct);
            FailPoint.Reach("copy.file-made");
            parent.Rename(unfinished, parent, name);
            // Renaming one name of a file over another does nothing (POSIX): the new name is left.
            if (entry.Kind == TarEntryKind.HardLink)
                parent.RemoveTree(unfinished);
        }
        catch
        {
            parent.RemoveTree(unfinished);
            throw;
        }
    }

    private void Make(Place place, byte[] name, LayerPath path, TarEntry entry, TarReader reader, CancellationToken ct)
    {
        var parent = place.Directory;
        switch (entry.Kind)
        {
            case TarEntryKind.File:
                using (var file = parent.CreateFile(name, UnixFileMode.UserRead | UnixFileMode.UserWrite))
                {
                    reader.CopyTo(file, _buffer, entry, ct);
                    LayerUnpacker.SetMetadata(file, Owned(entry, place));
                    file.SetModified(entry.Modified);
                }
                return;
            case TarEntryKind.HardLink:
                var link = LayerPath.Parse(entry.LinkName, "hard link to");
                using (var existing = tree.FindFile(Full(link.Full)))
                {
                    if (existing?.Name is not { } existingName)
                    {
                        throw new StorageException(
                            StorageError.InvalidInput,
                            $"hard link '{RawName.Show(path.Full)}' in the archive points to '{RawName.Show(entry.LinkName)}', which is no file");
                    }
                    parent.CreateHardLink(existing.Directory, existingName, name);
                }
                return;
            case TarEntryKind.SymbolicLink:
                parent.CreateSymbolicLink(RawName.ToBytes(entry.LinkName), name);
                break;
            default:
                var kind = entry.Kind switch
                {
                    TarEntryKind.CharacterDevice => FileKind.CharacterDevice,
                    TarEntryKind.BlockDevice => FileKind.BlockDevice,
                    _ => FileKind.Fifo,
                };
                parent.CreateNode(name, kind, UnixFileMode.UserRead | UnixFileMode.UserWrite, new DeviceNumber(entry.DeviceMajor, entry.DeviceMinor));
                break;
        }
        LayerUnpacker.SetMetadata(parent, name, Owned(entry, place));
    }

    private TarEntry Owned(TarEntry entry, Place place)
    {
        var owner = options.Owner ?? (entry.Uid, entry.Gid);
        var (uid, gid) = place.Owners?.Outside(owner) ?? owner;
        return entry with { Uid = uid, Gid = gid };
    }

    // Entries come directory by directory.
    private Place Open(string path)
    {
        if (_last is { } last && last.Path == path)
            return last.Place;
        _last?.Place.Directory.Dispose();
        _last = null;
        var directory = tree.OpenDirectory(Full(path), out var owners);
        var place = new Place(directory, owners, tree.IsKernels(directory));
        _last = (path, place);
        note?.Put($"{Full(path)}/{_unfinished}");
        return place;
    }

    private void SetTime(string path, FileTime modified)
    {
        try
        {
            using var directory = tree.OpenDirectory(Full(path), out _);
            directory.Descriptor.SetModified(modified);
        }
        catch (StorageException)
        {
            // A later entry, or the container, put something else there: that has a time of its own.
        }
    }

    private string Full(string path) => target.Length == 0 ? path : path.Length == 0 ? target : target + "/" + path;

    private string Show(LayerPath path) => RawName.Show(Full(path.Full));

    // Where entries go, who the container's users are there, and whether all there is the kernel's.
    private readonly record struct Place(DirectoryHandle Directory, OwnerMap? Owners, bool IsKernels);
}
