using System.Text.Json;
using Sampan.Linux.Files;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Images;

/// <summary>Writing images out as archives.</summary>
public sealed partial class ImageStore
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly FileTime Epoch = new(0, 0);

    /// <summary>
    /// Writes images as one archive (<c>docker save</c>) that is both a docker-archive and an OCI layout, as docker 25 and later write it.
    /// The same images give the same bytes.
    /// </summary>
    /// <param name="names">Names or identities; a repository without tag is all its tags, an identity has no name in the archive.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StorageException">NotFound: told before anything is written.</exception>
    public async Task SaveAsync(IReadOnlyList<string> names, Stream output, CancellationToken ct)
    {
        // Nothing is collected while this is held.
        using var writing = new Writing(this);
        var chosen = Choose(names);
        await StreamPump.WriteAsync(output, stream => Save(chosen, stream, ct), ct);
    }

    private List<(ImageRecord Image, List<ImageReference> Tags)> Choose(IReadOnlyList<string> names)
    {
        var chosen = new List<(ImageRecord Image, List<ImageReference> Tags)>();
        lock (_gate)
        {
            foreach (var name in names)
            {
                foreach (var (image, tag) in Choose(name))
                {
                    var known = chosen.Find(other => other.Image.Id == image.Id);
                    if (known.Image is null)
                        chosen.Add(known = (image, []));
                    if (tag is not null && !known.Tags.Contains(tag))
                        known.Tags.Add(tag);
                }
            }
        }
        return chosen;
    }

    private IEnumerable<(ImageRecord Image, ImageReference? Tag)> Choose(string name)
    {
        if (ImageReference.TryParseExact(name, out var exact, out _) && exact is { Tag: null, Digest: null })
        {
            var tags = _names.Values.Where(known => known.Reference.Name == exact.Name && known.Reference.Tag is not null).ToList();
            if (tags.Count > 0)
                return tags.Select(known => (ToRecord(_images[known.Id]), (ImageReference?)known.Reference));
        }
        var image = ToRecord(Required(name));
        var tag = ImageReference.TryParse(name, out var reference, out _) && image.RepoTags.Contains(reference) ? reference : null;
        return [(image, tag)];
    }

    private void Save(List<(ImageRecord Image, List<ImageReference> Tags)> chosen, Stream output, CancellationToken ct)
    {
        var tar = new TarWriter(output);
        var written = new HashSet<Digest>();
        var index = new List<Descriptor>();
        var manifests = new List<ArchiveManifest>();
        foreach (var directory in new[] { "blobs/", "blobs/sha256/" })
            tar.Begin(new TarEntry { Kind = TarEntryKind.Directory, Name = directory, Mode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute });
        foreach (var (image, tags) in chosen)
        {
            WriteBlob(tar, image.Id, written, ct);
            foreach (var layer in image.Layers)
                WriteBlob(tar, layer.Blob.Digest, written, ct);
            var manifest = WriteManifest(tar, image, written, ct);
            index.AddRange(tags.Count == 0 ? [manifest] : tags.Select(tag => Named(manifest, tag)));
            manifests.Add(new ArchiveManifest
            {
                Config = BlobPath(image.Id),
                RepoTags = [.. tags.Select(tag => tag.Familiar)],
                Layers = [.. image.Layers.Select(layer => BlobPath(layer.Blob.Digest))],
                Parent = image.Parent?.ToString(),
            });
        }
        var layout = new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.OciIndex, Manifests = index };
        tar.WriteFile(OciLayout.IndexFile, JsonSerializer.SerializeToUtf8Bytes(layout, OciImageJson.Plain.ImageIndex), FileMode, Epoch);
        tar.WriteFile(DockerArchive.ManifestFile, JsonSerializer.SerializeToUtf8Bytes(manifests, StorageJson.Default.IReadOnlyListArchiveManifest), FileMode, Epoch);
        tar.WriteFile("oci-layout", JsonSerializer.SerializeToUtf8Bytes(new ImageLayoutMarker("1.0.0"), StorageJson.Default.ImageLayoutMarker), FileMode, Epoch);
        tar.End();
    }

    // The image's own manifest where it came with one, so that its digest stays; else one is made.
    private Descriptor WriteManifest(TarWriter tar, ImageRecord image, HashSet<Digest> written, CancellationToken ct)
    {
        if (image.Manifest is { } own)
        {
            WriteBlob(tar, own.Digest, written, ct);
            return own;
        }
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciManifest,
            Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = image.Id, Size = _content.Size(image.Id) },
            Layers = [.. image.Layers.Select(layer => layer.Blob)],
        };
        var content = JsonSerializer.SerializeToUtf8Bytes(manifest, OciImageJson.Plain.ImageManifest);
        var digest = Digest.Of(content);
        if (written.Add(digest))
            tar.WriteFile(BlobPath(digest), content, FileMode, Epoch);
        return new Descriptor { MediaType = MediaTypes.OciManifest, Digest = digest, Size = content.Length };
    }

    private void WriteBlob(TarWriter tar, Digest digest, HashSet<Digest> written, CancellationToken ct)
    {
        if (!written.Add(digest))
            return;
        using var blob = _content.OpenRead(digest);
        tar.Begin(new TarEntry { Kind = TarEntryKind.File, Name = BlobPath(digest), Mode = FileMode, Modified = Epoch, Size = blob.Length });
        var buffer = new byte[256 * 1024];
        for (int read; (read = blob.Read(buffer)) > 0;)
        {
            ct.ThrowIfCancellationRequested();
            tar.Write(buffer.AsSpan(0, read));
        }
    }

    private static Descriptor Named(Descriptor manifest, ImageReference tag) => manifest with
    {
        Annotations = new Dictionary<string, string> { [OciLayout.NameAnnotation] = tag.ToString(), [OciLayout.RefAnnotation] = tag.Tag ?? "" },
    };

    private static string BlobPath(Digest digest) => "blobs/sha256/" + digest.Hex;
}
