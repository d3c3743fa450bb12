using Sampan.Linux.Processes;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Images.Layouts;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images;

/// <summary>Bringing images in from archives.</summary>
public sealed partial class ImageStore
{
    /// <summary>Loads all images of an archive, for all platforms.</summary>
    public Task<IReadOnlyList<LoadedImage>> LoadAsync(Stream archive, IProgress<string>? progress, CancellationToken ct) => LoadAsync(archive, [], progress, ct);

    /// <summary>
    /// Loads all images of an archive (<c>docker load</c>): a docker-archive or an OCI layout, plain or compressed with gzip or zstd.
    /// <list type="number">
    /// <item>Store the archive's files as blobs while it streams in.</item>
    /// <item>Read what images it describes and check the documents.</item>
    /// <item>Unpack the layers that are new, checking their digests.</item>
    /// <item>Flush the blobs; the last step that can fail or be cancelled.</item>
    /// <item>Write the images and their names.</item>
    /// </list>
    /// Either all images of the archive are there afterwards or none.
    /// </summary>
    /// <param name="archive">The archive.</param>
    /// <param name="platforms">Only the images for these platforms; empty: all.</param>
    /// <param name="progress">Told each step in a line, or null.</param>
    /// <param name="ct">Cancels until step 4.</param>
    /// <exception cref="StorageException">Corrupt, InvalidInput or NotSupported: the message says what is wrong with the archive.</exception>
    public async Task<IReadOnlyList<LoadedImage>> LoadAsync(Stream archive, IReadOnlyList<Platform> platforms, IProgress<string>? progress, CancellationToken ct)
    {
        try
        {
            using var writing = new Writing(this);
            var files = await StreamPump.ReadAsync(archive, stream => ImageArchive.Read(stream, _content, _limits, ct), ct); // 1
            FailPoint.Reach("load.blobs-stored");
            var images = Only(platforms, await Task.Run(() => Describe(files, ct), CancellationToken.None)); // 2
            foreach (var image in images)
                await UnpackAsync(image, progress, ct); // 3
            FailPoint.Reach("load.layers-unpacked");
            return Commit(images, progress); // 4, 5
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
    }

    private IReadOnlyList<ArchivedImage> Describe(ImageArchive files, CancellationToken ct)
    {
        if (files.Has(DockerArchive.ManifestFile))
        {
            var images = DockerArchive.Read(files, _content, _limits, ct);
            return files.Has("oci-layout") && files.Has(OciLayout.IndexFile) ? OciLayout.Complete(images, files, _content, _limits) : images;
        }
        if (files.Has(OciLayout.IndexFile))
            return OciLayout.Read(files, _content, _limits);
        throw files.Has("repositories")
            ? new StorageException(StorageError.NotSupported, "the archive was saved by docker older than 1.10, before images had digests: load it with an older docker and save it again")
            : new StorageException(StorageError.InvalidInput, "the archive has neither 'manifest.json' nor 'index.json': it is no image archive; a root file system is brought in by import");
    }

    // Of each index the image that suits the platform best, and of the others those that do.
    private static IReadOnlyList<ArchivedImage> Only(IReadOnlyList<Platform> platforms, IReadOnlyList<ArchivedImage> images)
    {
        if (platforms.Count == 0)
            return images;
        var fitting = new List<ArchivedImage>();
        for (var i = 0; i < images.Count; i++)
        {
            // The one with the names, and behind it the other platforms' of the same index.
            var family = images.Skip(i).TakeWhile((image, at) => at == 0 || image.IsMember).ToList();
            var wanted = platforms.Select(platform => family.Find(image => platform.Runs(image.Config.Platform))).OfType<ArchivedImage>().Distinct().OrderBy(family.IndexOf).ToList();
            fitting.AddRange(wanted.Select((image, at) => image with { IsMember = at > 0, Names = at > 0 ? [] : family[0].Names }));
            i += family.Count - 1;
        }

        foreach (var platform in platforms)
        {
            if (!fitting.Exists(image => platform.Runs(image.Config.Platform)))
                throw new StorageException(StorageError.NotFound, $"the archive has no image for {platform}, only for {string.Join(", ", images.Select(image => image.Config.Platform.ToString()).Distinct())}");
        }

        return fitting;
    }

    private async Task UnpackAsync(ArchivedImage image, IProgress<string>? progress, CancellationToken ct, LayersAhead? ahead = null)
    {
        var sources = Sources(image.Config.RootFs.DiffIds, [.. image.Layers.Select(layer => layer.Digest)]);
        progress?.Report($"Unpacking {sources.Count(source => Layers.Find(source.ChainId) is null)} of {sources.Count} layers of {image.Id.Short}");
        await Task.Run(() => Layers.EnsureAsync(sources, ct, ahead), CancellationToken.None);
    }

    private List<LayerSource> Sources(IReadOnlyList<Digest> diffIds, IReadOnlyList<Digest> blobs)
    {
        var chain = LayerSource.Chain(diffIds);
        var sources = new List<LayerSource>(chain.Count);
        for (var i = 0; i < chain.Count; i++)
        {
            var blob = blobs[i];
            // An uncompressed blob was hashed when it was stored.
            sources.Add(new LayerSource(diffIds[i], chain[i], () => Compression.Decompress(_content.OpenRead(blob), _limits), blob == diffIds[i]));
        }
        return sources;
    }

    private IReadOnlyList<LoadedImage> Commit(IReadOnlyList<ArchivedImage> images, IProgress<string>? progress)
    {
        // The blobs, and only then something that refers to them. Their layers can be unpacked again.
        _content.Flush(images.SelectMany(BlobsOf));
        FailPoint.Reach("image.flushed");
        lock (_gate)
        {
            var before = (Images: new Dictionary<Digest, Entry>(_images), Names: _names.ToDictionary());
            try
            {
                return Write(images, progress);
            }
            catch
            {
                TakeBack(images, before.Images, before.Names);
                throw;
            }
        }
    }

    private static IEnumerable<Digest> BlobsOf(ArchivedImage image) =>
        image.Layers.Concat(new[] { image.Manifest, image.Index }.OfType<Descriptor>()).Select(blob => blob.Digest).Prepend(image.Id);

    private IReadOnlyList<LoadedImage> Write(IReadOnlyList<ArchivedImage> images, IProgress<string>? progress)
    {
        var arriving = images.Select(image => image.Id).ToHashSet();
        foreach (var image in images)
            WriteImage(ToEntry(image, arriving));
        FailPoint.Reach("image.record-written");
        foreach (var (image, name) in images.SelectMany(image => image.Names.Select(name => (image, name))))
        {
            var id = Preferred(name, image);
            if (_names.TryGetValue(name.ToString(), out var old) && old.Id != id && (old.Index is null || old.Index.Digest != image.Index?.Digest))
                progress?.Report($"The image {name.Familiar} already exists, renaming the old one with ID {old.Id} to empty string");
            SetName(name, id, image.Index);
            if ((image.Index ?? image.Manifest)?.Digest is { } digest)
                SetName(name.WithDigest(digest), id, image.Index);
        }
        WriteNames();
        FailPoint.Reach("image.names-written");
        return [.. images.Where(image => !image.IsMember).Select(image => new LoadedImage(ToRecord(_images[image.Id]), image.Names))];
    }

    // A full disk, say: all or nothing. Names are written last, so those on disk are the old ones; records of images that were there stay as
    // they are now, which says the same.
    private void TakeBack(IReadOnlyList<ArchivedImage> images, Dictionary<Digest, Entry> before, Dictionary<string, NamedImage> names)
    {
        foreach (var image in images.Where(image => !before.ContainsKey(image.Id)))
        {
            _images.Remove(image.Id);
            File.Delete(FileOf(image.Id));
        }
        _names.Clear();
        foreach (var (key, name) in names)
            _names[key] = name;
    }

    private Entry ToEntry(ArchivedImage image, HashSet<Digest> arriving)
    {
        var known = _images.GetValueOrDefault(image.Id);
        var parent = image.Parent is { } p && p != image.Id && (_images.ContainsKey(p) || arriving.Contains(p)) ? image.Parent : null;
        // A manifest names its layers as they are packed: both are of one origin. An archive without one adds nothing to an image that has it.
        var origin = image.Manifest is null && known?.Stored is { Manifest: not null } stored ? (stored.Layers, stored.Manifest) : (image.Layers, image.Manifest);
        return ReadEntry(new StoredImage
        {
            Id = image.Id,
            Layers = origin.Layers,
            Manifest = origin.Manifest,
            Annotations = image.Annotations is { } given ? given.Count == 0 ? null : given : known?.Stored.Annotations,
            Pushed = known?.Stored.Pushed,
            Parent = parent ?? known?.Stored.Parent,
            IsStep = image.IsStep && known?.Stored.IsStep != false,
            Tagged = _time.GetUtcNow(),
        });
    }
}
