using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Storage.Images.Layouts;

/// <summary>
/// The files of an image archive, each stored as a blob while the archive streamed by: its members come in any order. Paths are only keys
/// here, no file is ever opened by them (CVE-2025-11395).
/// </summary>
internal sealed class ImageArchive
{
    private const int MaxLinks = 16;
    private const string BlobDirectory = "blobs/sha256/";

    private readonly ContentStore _content;
    private readonly ArchiveLimits _limits;
    private readonly Dictionary<string, (Digest Digest, long Size)> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    private ImageArchive(ContentStore content, ArchiveLimits limits)
    {
        _content = content;
        _limits = limits;
    }

    /// <summary>Reads a whole archive, whatever its compression.</summary>
    /// <exception cref="StorageException">It is damaged, too large, or a blob's content does not have the digest of its name.</exception>
    internal static ImageArchive Read(Stream stream, ContentStore content, ArchiveLimits limits, CancellationToken ct)
    {
        var archive = new ImageArchive(content, limits);
        using var tar = Compression.Decompress(stream, limits);
        using var reader = new TarReader(tar, limits);
        var buffer = new byte[256 * 1024];
        long total = 0;
        while (reader.Next() is { } entry)
        {
            ct.ThrowIfCancellationRequested();
            total += entry.Size;
            if (total > limits.MaxArchiveBytes)
                throw new StorageException(StorageError.InvalidInput, $"the archive holds more than {limits.MaxArchiveBytes} bytes: refused");
            archive.Add(entry, reader, buffer, ct);
        }
        reader.Drain();
        return archive;
    }

    internal bool Has(string path) => Find(path) is not null;

    /// <summary>The digest and size of a file, links followed; null if it is not there.</summary>
    internal (Digest Digest, long Size)? Find(string path)
    {
        var key = LayerPath.TryParse(RawName.FromText(path), out var clean) ? clean.Full : "";
        for (var i = 0; i < MaxLinks; i++)
        {
            if (_files.TryGetValue(key, out var file))
                return file;
            if (!_links.TryGetValue(key, out var target))
                return null;
            key = target;
        }
        return null;
    }

    /// <summary>Reads a document.</summary>
    /// <exception cref="StorageException">Corrupt: it is not there; InvalidInput: too large.</exception>
    internal byte[] ReadDocument(string path)
    {
        var file = Find(path) ?? throw new StorageException(StorageError.Corrupt, $"the archive lacks '{path}': it was cut off or is no image archive");
        return _content.ReadDocument(file.Digest, _limits.MaxDocumentBytes);
    }

    /// <summary>The size of a blob that the archive or the store has, or null.</summary>
    internal long? SizeOf(Digest digest) =>
        _files.TryGetValue(BlobDirectory + digest.Hex, out var file) ? file.Size
        : _content.Contains(digest) ? _content.Size(digest)
        : null;

    private void Add(TarEntry entry, TarReader reader, byte[] buffer, CancellationToken ct)
    {
        var path = LayerPath.Parse(entry.Name, "path");
        switch (entry.Kind)
        {
            case TarEntryKind.Directory:
                break;
            case TarEntryKind.File when entry.IsSparse:
                throw new StorageException(StorageError.NotSupported, $"'{RawName.Show(entry.Name)}' in the image archive is a sparse file: make the archive again without --sparse");
            case TarEntryKind.File:
                using (var ingest = _content.Begin())
                {
                    for (int read; (read = reader.Read(buffer)) > 0;)
                    {
                        ct.ThrowIfCancellationRequested();
                        ingest.Write(buffer.AsSpan(0, read));
                    }
                    _files[path.Full] = (ingest.Commit(DigestInName(path.Full)), entry.Size);
                }
                break;
            // Old engines saved a layer that occurs twice as a link.
            case TarEntryKind.SymbolicLink:
                _links[path.Full] = LayerPath.Parse(path.Parent + "/" + entry.LinkName, "link to").Full;
                break;
            case TarEntryKind.HardLink:
                _links[path.Full] = LayerPath.Parse(entry.LinkName, "link to").Full;
                break;
            default:
                throw new StorageException(StorageError.InvalidInput, $"'{RawName.Show(entry.Name)}' in the image archive is a device: refused");
        }
    }

    private static Digest? DigestInName(string path) =>
        path.StartsWith(BlobDirectory, StringComparison.Ordinal) && Digest.TryParseHex(path[BlobDirectory.Length..], out var digest) ? digest : null;
}
