using System.Buffers;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Archives;

/// <summary>
/// Unpacks one layer's tar into a directory in overlayfs' layout. Every call is made on a descriptor beneath the layer's root with one
/// plain name, links in parents are resolved inside the root by the kernel (openat2), nothing is addressed by path twice: neither
/// <c>../</c> nor absolute names nor links made by earlier entries lead outside (CVE-2021-32760, CVE-2018-15664).
/// See <see href="https://github.com/opencontainers/image-spec/blob/main/layer.md">image-spec, layers</see>.
/// </summary>
internal sealed class LayerUnpacker : IDisposable
{
    private const string WhiteoutPrefix = ".wh.";
    private const string OpaqueMarker = ".wh..wh..opq";
    private const string AufsPrefix = ".wh..wh.";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly LayerDirectories _directories;
    private readonly DirectoryHandle _root;
    private readonly ArchiveLimits _limits;
    private readonly WhiteoutStyle _style;
    private readonly List<(LayerPath Path, FileTime Modified)> _directoryTimes = [];
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
    private long _size;
    private bool _opaqueRoot;

    /// <param name="root">The layer's own empty directory.</param>
    /// <param name="limits">How much the layer may ask for.</param>
    /// <param name="style">How to mark what the layer hides.</param>
    internal LayerUnpacker(DirectoryHandle root, ArchiveLimits limits, WhiteoutStyle style = WhiteoutStyle.Kernel)
    {
        _style = style;
        _root = root;
        _limits = limits;
        _directories = new LayerDirectories(root, style);
    }

    /// <summary>Unpacks all entries and reads the stream to its end.</summary>
    /// <exception cref="StorageException">The archive is damaged, hostile or asks for something that is not supported.</exception>
    /// <exception cref="LinuxException">The kernel refused, for example ENOSPC.</exception>
    internal UnpackedLayer Unpack(Stream tar, CancellationToken ct)
    {
        using var reader = new TarReader(tar, _limits);
        while (reader.Next() is { } entry)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                Unpack(entry, reader, ct);
            }
            catch (LinuxException refused)
            {
                var told = new LinuxException($"unpack '{RawName.Show(entry.Name)}' of a layer: {refused.Call}", refused.Errno, refused.Operand);
                // The archive's fault and not the machine's: getting it again would bring the same.
                throw refused.Errno is Errno.ELOOP or Errno.ENAMETOOLONG ? new StorageException(StorageError.InvalidInput, told.Message, told) : told;
            }
        }
        reader.Drain();
        // Directories' times last: every entry made in a directory changed them.
        foreach (var (path, modified) in _directoryTimes)
            SetDirectoryTime(path, modified);
        return new UnpackedLayer(_size, _opaqueRoot, _directories.Implicit);
    }

    public void Dispose()
    {
        _directories.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private void Unpack(TarEntry entry, TarReader reader, CancellationToken ct)
    {
        var path = LayerPath.Parse(entry.Name, "path");
        if (path.IsRoot)
        {
            UnpackRoot(entry);
            return;
        }
        var parent = _directories.Open(path.Parent);
        if (path.Name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
        {
            UnpackWhiteout(parent, path);
            return;
        }
        var name = RawName.ToBytes(path.Name);
        switch (entry.Kind)
        {
            case TarEntryKind.File:
                UnpackFile(parent, name, entry, reader, ct);
                break;
            case TarEntryKind.Directory:
                UnpackDirectory(parent, name, path, entry);
                break;
            case TarEntryKind.HardLink:
                UnpackHardLink(parent, name, entry);
                break;
            case TarEntryKind.SymbolicLink:
                Replace(parent, name, () => parent.CreateSymbolicLink(RawName.ToBytes(entry.LinkName), name));
                SetMetadata(parent, name, entry);
                break;
            default:
                UnpackNode(parent, name, entry);
                break;
        }
    }

    private void UnpackRoot(TarEntry entry)
    {
        if (entry.Kind != TarEntryKind.Directory)
            throw new StorageException(StorageError.InvalidInput, $"the layer's root '{RawName.Show(entry.Name)}' is no directory in the archive: refused");
        SetMetadata(_root.Descriptor, entry);
        _directoryTimes.Add((LayerPath.Root, entry.Modified));
    }

    private void UnpackFile(DirectoryHandle parent, byte[] name, TarEntry entry, TarReader reader, CancellationToken ct)
    {
        SafeFd? created = null;
        Replace(parent, name, () => created = parent.CreateFile(name, UnixFileMode.UserRead | UnixFileMode.UserWrite));
        using var file = created ?? throw new InvalidOperationException("no file was created");
        reader.CopyTo(file, _buffer, entry, ct);
        _size += entry.Size;
        SetMetadata(file, entry);
        file.SetModified(entry.Modified);
    }

    private void UnpackDirectory(DirectoryHandle parent, byte[] name, LayerPath path, TarEntry entry)
    {
        var replacesWhiteout = false;
        if (parent.TryStat(name, out var status))
        {
            // A directory that is there already keeps its entries. One in the place of a whiteout of the same layer starts empty.
            replacesWhiteout = status.IsWhiteout();
            if (status.Kind != FileKind.Directory)
                Remove(parent, name, status.Kind);
        }
        if (status.Kind != FileKind.Directory)
            parent.CreateDirectory(name, OwnerOnly);
        using var directory = parent.OpenDirectory(name);
        if (replacesWhiteout)
            directory.SetOpaque(_style);
        SetMetadata(directory.Descriptor, entry);
        _directories.Implicit.Remove(path.Full);
        _directoryTimes.Add((path, entry.Modified));
    }

    // The other name may be anywhere in the layer: its parents are resolved inside the root, the last name is never followed.
    private void UnpackHardLink(DirectoryHandle parent, byte[] name, TarEntry entry)
    {
        var target = LayerPath.Parse(entry.LinkName, "hard link to");
        using var targetParent = target.IsRoot ? null : _root.TryResolve(RawName.ToBytes(target.Parent), out _);
        var targetName = RawName.ToBytes(target.Name);
        if (targetParent is null || !targetParent.TryStat(targetName, out var status) || status.Kind == FileKind.Directory)
        {
            throw new StorageException(
                StorageError.InvalidInput,
                $"hard link '{RawName.Show(entry.Name)}' in the archive points to '{RawName.Show(entry.LinkName)}', which is no file of the same layer");
        }
        // A link to itself would remove the only copy before linking it.
        if (parent.TryStat(name, out var old) && old.IsSameFile(status))
            return;
        Replace(parent, name, () => parent.CreateHardLink(targetParent, targetName, name));
    }

    private void UnpackNode(DirectoryHandle parent, byte[] name, TarEntry entry)
    {
        var kind = entry.Kind switch
        {
            TarEntryKind.CharacterDevice => FileKind.CharacterDevice,
            TarEntryKind.BlockDevice => FileKind.BlockDevice,
            _ => FileKind.Fifo,
        };
        var device = new DeviceNumber(entry.DeviceMajor, entry.DeviceMinor);
        Replace(parent, name, () => parent.CreateNode(name, kind, OwnerOnly, device));
        SetMetadata(parent, name, entry);
    }

    private void UnpackWhiteout(DirectoryHandle parent, LayerPath path)
    {
        if (path.Name == OpaqueMarker)
        {
            // overlayfs does not look at a layer's own root: the snapshotter leaves out the layers below instead.
            if (path.Parent.Length == 0)
                _opaqueRoot = true;
            else
                parent.SetOpaque(_style);
            return;
        }
        // Notes of AUFS to itself (.wh..wh.plnk, .wh..wh.aufs) in images of the oldest engines: nothing of the image.
        if (path.Name.StartsWith(AufsPrefix, StringComparison.Ordinal))
            return;
        var hidden = path.Name[WhiteoutPrefix.Length..];
        if (hidden is "" or "." or "..")
            throw new StorageException(StorageError.InvalidInput, $"whiteout '{RawName.Show(path.Full)}' in the archive hides no plain name: refused");
        var name = RawName.ToBytes(hidden);
        if (!parent.TryStat(name, out var status))
        {
            parent.CreateWhiteout(name, _style);
            return;
        }
        // A whiteout hides what lower layers have, not what this one brings.
        if (status.Kind == FileKind.Directory)
        {
            using var directory = parent.OpenDirectory(name);
            directory.SetOpaque(_style);
        }
    }

    // Archives may hold a name twice: the last one counts.
    private void Replace(DirectoryHandle parent, byte[] name, Action create)
    {
        try
        {
            create();
        }
        catch (LinuxException taken) when (taken.Errno == Errno.EEXIST)
        {
            if (parent.TryStat(name, out var status))
                Remove(parent, name, status.Kind);
            create();
        }
    }

    private void Remove(DirectoryHandle parent, byte[] name, FileKind kind)
    {
        // Open directories may lie below, or behind the link.
        if (kind is FileKind.Directory or FileKind.SymbolicLink)
            _directories.Forget(parent);
        parent.RemoveTree(name);
    }

    // Owner first: changing it clears set-uid bits and capabilities.
    internal static void SetMetadata(SafeFd file, TarEntry entry)
    {
        file.SetOwner(entry.Uid, entry.Gid);
        file.SetMode(entry.Mode);
        SetAttributes(file, entry);
    }

    internal static void SetAttributes(SafeFd file, TarEntry entry)
    {
        foreach (var (attribute, value) in entry.Attributes)
        {
            if (!OverlayAttributes.IsReserved(attribute))
                CheckAttribute(file.TrySetAttribute(attribute, value), attribute, entry);
        }
    }

    internal static void SetMetadata(DirectoryHandle parent, byte[] name, TarEntry entry)
    {
        parent.SetOwner(name, entry.Uid, entry.Gid);
        if (entry.Kind != TarEntryKind.SymbolicLink)
            parent.SetMode(name, entry.Mode);
        foreach (var (attribute, value) in entry.Attributes)
        {
            if (!OverlayAttributes.IsReserved(attribute))
                CheckAttribute(parent.TrySetAttribute(name, attribute, value), attribute, entry);
        }
        parent.SetModified(name, entry.Modified);
    }

    // The kernel keeps no user.* on links and devices (EPERM), and file systems differ in what they keep at all (EOPNOTSUPP):
    // containerd passes over both. A capability that is lost breaks a program (ping, say), so that is told.
    private static void CheckAttribute(Errno errno, string attribute, TarEntry entry)
    {
        var isHarmless = errno == Errno.EOPNOTSUPP && attribute != "security.capability"
            || errno == Errno.EPERM && attribute.StartsWith("user.", StringComparison.Ordinal) && entry.Kind is not (TarEntryKind.File or TarEntryKind.Directory);
        if (errno != Errno.None && !isHarmless)
            throw new LinuxException($"set attribute '{attribute}'", errno);
    }

    private void SetDirectoryTime(LayerPath path, FileTime modified)
    {
        if (path.IsRoot)
        {
            _root.Descriptor.SetModified(modified);
            return;
        }
        // A later entry may have taken the directory away again.
        using var parent = _root.TryResolve(RawName.ToBytes(path.Parent), out _);
        var name = RawName.ToBytes(path.Name);
        if (parent is not null && parent.TryStat(name, out var status) && status.Kind == FileKind.Directory)
            parent.SetModified(name, modified);
    }
}
