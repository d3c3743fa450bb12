using Sampan.Linux.Files;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <summary>
/// Writes files of a <see cref="SourceTree"/> into an empty directory of the host, for a mount. Every name is made in an open directory that was
/// made here, so no link of the tree leads anywhere (CVE-2024-1753).
/// </summary>
public static class HostTree
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Writes a directory's content, or one file under its name.</summary>
    /// <param name="source">What.</param>
    /// <param name="hostDirectory">Where to.</param>
    /// <param name="looks">Owner and permissions.</param>
    /// <param name="ct">Gives up.</param>
    public static void Unpack(SourceEntry source, string hostDirectory, CopyLooks looks, CancellationToken ct)
    {
        using var target = DirectoryHandle.Open(hostDirectory);
        if (source.Kind != SourceKind.Directory)
        {
            Write(target, source, looks, ct);
            return;
        }
        Fill(target, source, looks, ct);
        Dress(target, looks.Apply(source.Facts));
    }

    private static void Fill(DirectoryHandle target, SourceEntry source, CopyLooks looks, CancellationToken ct)
    {
        foreach (var child in SourceTree.List(source))
            Write(target, child, looks, ct);
    }

    private static void Write(DirectoryHandle parent, SourceEntry entry, CopyLooks looks, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var name = RawName.ToBytes(entry.RawLastName);
        var facts = looks.Apply(entry.Facts);
        switch (entry.Kind)
        {
            case SourceKind.Directory:
                parent.CreateDirectory(name, OwnerOnly);
                using (var made = parent.OpenDirectory(name))
                {
                    Fill(made, entry, looks, ct);
                    Dress(made, facts);
                }
                break;
            case SourceKind.File:
                using (var file = parent.CreateFile(name, UnixFileMode.UserRead | UnixFileMode.UserWrite))
                {
                    entry.Copy(file.Write);
                    LayerUnpacker.SetMetadata(file, facts);
                    file.SetModified(facts.Modified);
                }
                break;
            case SourceKind.SymbolicLink:
                parent.CreateSymbolicLink(RawName.ToBytes(facts.LinkName), name);
                LayerUnpacker.SetMetadata(parent, name, facts);
                break;
            default:
                // A device of a context is none, and nobody needs a fifo through a mount.
                break;
        }
    }

    private static void Dress(DirectoryHandle directory, TarEntry facts)
    {
        LayerUnpacker.SetMetadata(directory.Descriptor, facts);
        directory.Descriptor.SetModified(facts.Modified);
    }
}
