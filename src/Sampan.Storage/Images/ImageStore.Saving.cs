using System.Text.Json;
using Sampan.Linux.Files;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Images.Layers;
using Sampan.Storage.Images.Layouts;

namespace Sampan.Storage.Images;

/// <summary>Writing images out as archives.</summary>
public sealed partial class ImageStore
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly FileTime Epoch = new(0, 0);

    /// <summary>Writes images as one archive, with all their platforms that are here.</summary>
    public Task SaveAsync(IReadOnlyList<string> names, Stream output, CancellationToken ct) => SaveAsync(names, [], output, ct);

    /// <summary>
    /// Writes images as one archive (<c>docker save</c>) that is both a docker-archive and an OCI layout, as docker 25 and later write it.
    /// The same images give the same bytes.
    /// </summary>
    /// <param name="names">Names or identities; a repository without tag is all its tags, an identity has no name in the archive.</param>
    /// <param name="platforms">Only the images for these platforms; empty: all that the names stand for and that is here.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StorageException">NotFound: told before anything is written.</exception>
    public async Task SaveAsync(IReadOnlyList<string> names, IReadOnlyList<Platform> platforms, Stream output, CancellationToken ct)
    {
        // Nothing is collected while this is held.
        using var writing = new Writing(this);
        var chosen = Choose(names, platforms);
        await StreamPump.WriteAsync(output, stream => Save(chosen, stream, ct), ct);
    }

    // Of an index either all that is here, or these manifests.
    private sealed record Chosen(ImageRecord Image, Descriptor? Index, IReadOnlyList<Descriptor>? Leaves, List<ImageReference> Tags);

    private List<Chosen> Choose(IReadOnlyList<string> names, IReadOnlyList<Platform> platforms)
    {
        var chosen = new List<Chosen>();
        lock (_gate)
        {
            foreach (var name in names)
            {
                foreach (var (image, index, leaves, tag) in Choose(name, platforms))
                {
                    var known = chosen.Find(other => other.Image.Id == image.Id && other.Index?.Digest == index?.Digest);
                    if (known is null)
                        chosen.Add(known = new Chosen(image, index, leaves, []));
                    if (tag is not null && !known.Tags.Contains(tag))
                        known.Tags.Add(tag);
                }
            }
        }
        return chosen;
    }

    private IEnumerable<(ImageRecord Image, Descriptor? Index, IReadOnlyList<Descriptor>? Leaves, ImageReference? Tag)> Choose(string name, IReadOnlyList<Platform> platforms)
    {
        if (ImageReference.TryParseExact(name, out var exact, out _) && exact is { Tag: null, Digest: null })
        {
            var tags = _names.Values.Where(known => known.Reference.Name == exact.Name && known.Reference.Tag is not null).ToList();
            if (tags.Count > 0)
                return tags.Select(known => Of(_images[known.Id], known.Index, known.Reference));
        }
        var entry = Required(name);
        var tag = ImageReference.TryParse(name, out var reference, out _) && reference.Digest is null && _names.ContainsKey(reference.ToString()) ? reference : null;
        return [Of(entry, IndexMeantBy(name, entry.Stored.Id), tag)];

        (ImageRecord Image, Descriptor? Index, IReadOnlyList<Descriptor>? Leaves, ImageReference? Tag) Of(Entry entry, Descriptor? index, ImageReference? tag)
        {
            if (platforms.Count == 0)
                return (ToRecord(entry), index, null, tag);
            var images = platforms.Select(platform => ForPlatform(entry, index, platform) ?? throw new StorageException(StorageError.NotFound, $"image '{name}' is not here for {platform}")).Distinct().ToList();
            // One is an image of its own; several need the index that tells them apart.
            if (index is null || images.Count == 1)
                return (ToRecord(images[0]), null, null, tag);
            // In the index's order, as whoever loads the archive finds them.
            var leaves = LeavesOf(index).Where(leaf => ImageOf(leaf) is { } image && images.Contains(image)).ToList();
            var first = images.Contains(entry) ? entry : leaves.Select(ImageOf).OfType<Entry>().First();
            return (ToRecord(first), index, leaves, tag);
        }
    }

    private void Save(List<Chosen> chosen, Stream output, CancellationToken ct)
    {
        var tar = new TarWriter(output);
        var written = new HashSet<Digest>();
        var index = new List<Descriptor>();
        var manifests = new List<ArchiveManifest>();
        foreach (var directory in new[] { "blobs/", "blobs/sha256/" })
            tar.Begin(new TarEntry { Kind = TarEntryKind.Directory, Name = directory, Mode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute });
        foreach (var (image, whole, leaves, tags) in chosen)
        {
            WriteBlob(tar, image.Id, written, ct);
            foreach (var layer in image.Layers)
                WriteBlob(tar, layer.Blob.Digest, written, ct);
            var manifest = whole is null ? WriteManifest(tar, image, written, ct) : WriteIndex(tar, whole, leaves, written, ct);
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

    // The index as it is, with what of it is here, or was asked for.
    private Descriptor WriteIndex(TarWriter tar, Descriptor index, IReadOnlyList<Descriptor>? leaves, HashSet<Digest> written, CancellationToken ct)
    {
        var plan = PlanIndex(index, leaves);
        foreach (var blob in plan.Blobs.Concat(plan.Manifests).Concat(plan.Indexes))
            WriteBlob(tar, blob.Digest, written, ct);
        return index;
    }

    // The image's own manifest where it came with one, so that its digest stays; else one is made.
    private Descriptor WriteManifest(TarWriter tar, ImageRecord image, HashSet<Digest> written, CancellationToken ct)
    {
        if (image.Manifest is { } own)
        {
            WriteBlob(tar, own.Digest, written, ct);
            return own;
        }
        var (made, content) = MakeManifest(image.Id, image.Layers, image.Annotations);
        if (written.Add(made.Digest))
            tar.WriteFile(BlobPath(made.Digest), content, FileMode, Epoch);
        return made;
    }

    // For an image that came without one: the same image always gets the same.
    private (Descriptor Descriptor, byte[] Content) MakeManifest(Digest id, IReadOnlyList<ImageLayer> layers, IReadOnlyDictionary<string, string>? annotations)
    {
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciManifest,
            Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = id, Size = _content.Size(id) },
            Layers = [.. layers.Select(layer => layer.Blob)],
            Annotations = annotations,
        };
        var content = JsonSerializer.SerializeToUtf8Bytes(manifest, OciImageJson.Plain.ImageManifest);
        return (new Descriptor { MediaType = MediaTypes.OciManifest, Digest = Digest.Of(content), Size = content.Length }, content);
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
