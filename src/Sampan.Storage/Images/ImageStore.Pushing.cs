using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Layers;
using Sampan.Storage.Images.Layouts;

namespace Sampan.Storage.Images;

/// <summary>Sending images to registries.</summary>
public sealed partial class ImageStore
{
    private const int MaxMountTries = 3;

    /// <summary>The tags of a repository that are here.</summary>
    public IReadOnlyList<ImageReference> TagsOf(ImageReference repository)
    {
        lock (_gate)
            return [.. _names.Values.Select(name => name.Reference).Where(name => name.Name == repository.Name && name.Digest is null)];
    }

    /// <summary>Pushes all that a name stands for.</summary>
    public Task<PushedTag> PushAsync(Registries registries, ImageReference reference, RegistryCredentials? credentials, IProgress<TransferProgress>? progress, CancellationToken ct) =>
        PushAsync(registries, reference, credentials, null, progress, ct);

    /// <summary>
    /// Pushes an image under one of its names. Where the name stands for an index whose images are all here or at the registry, the index is
    /// pushed with them; else the image alone, which is told.
    /// <list type="number">
    /// <item>Its own manifest if it came with one, so that its digest stays; else one is made, of layers compressed with gzip.</item>
    /// <item>Send the layers that the repository lacks, several at a time; those that another repository there has are mounted.</item>
    /// <item>Send the configuration.</item>
    /// <item>Send the manifest under its tag; the last step that can fail or be cancelled.</item>
    /// <item>Write the name by digest.</item>
    /// </list>
    /// </summary>
    /// <param name="registries">The registries.</param>
    /// <param name="reference">The name with its tag.</param>
    /// <param name="credentials">The user's for that registry, or null.</param>
    /// <param name="platform">Only the image for this platform; null: all that the name stands for.</param>
    /// <param name="progress">Told each step, from many threads; null: nobody.</param>
    /// <param name="ct">Cancels until step 4.</param>
    /// <exception cref="StorageException">NotFound: no image has that name. Refused: there is no room for the compressed layers.</exception>
    /// <exception cref="RegistryException">The registry refused or is broken.</exception>
    public async Task<PushedTag> PushAsync(Registries registries, ImageReference reference, RegistryCredentials? credentials, Platform? platform, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        try
        {
            return await SendAsync(registries, reference, credentials, platform, progress, ct);
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
    }

    private async Task<PushedTag> SendAsync(Registries registries, ImageReference reference, RegistryCredentials? credentials, Platform? platform, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        using var writing = new Writing(this);
        ImageRecord image;
        Descriptor? pushed;
        Descriptor? index;
        lock (_gate)
        {
            var named = _names.GetValueOrDefault(reference.ToString()) ?? throw new StorageException(StorageError.NotFound, $"tag does not exist: {reference.Familiar}");
            index = platform is null ? named.Index : null;
            var entry = platform is null ? _images[named.Id] : ForPlatform(_images[named.Id], named.Index, platform) ?? throw new StorageException(StorageError.NotFound, $"image '{reference.Familiar}' is not here for {platform}: pull it with --platform {platform}");
            (image, pushed) = (ToRecord(entry), entry.Stored.Pushed);
        }
        if (index is not null && await PushIndexAsync(registries, reference, credentials, index, image.Id, progress, ct) is { } whole)
            return Told(whole, progress);
        foreach (var layer in image.Layers)
            progress?.Report(new TransferProgress(layer.DiffId.Short, "Preparing"));
        var client = await registries.OpenAsync(reference, credentials, ct);
        var plan = Plan(image, pushed);
        var layers = await AllAsync(plan.Select<PlannedLayer, Func<CancellationToken, Task<Descriptor>>>(layer => stop => SendAsync(registries, client, reference, layer, progress, stop)), ct); // 2
        var document = Document(image, layers); // 1
        await SendBlobAsync(client, image.Id, _content.PathOf(image.Id), _content.Size(image.Id), null, ct); // 3
        await client.PutManifestAsync(reference.Tag ?? document.Descriptor.Digest.ToString(), document, ct); // 4
        Remember(image, reference, document); // 5
        return Told(new PushedTag(reference.Tag ?? "", document.Descriptor.Digest, document.Content.Length) { InsteadOf = index, Manifest = document.Descriptor }, progress);
    }

    private static PushedTag Told(PushedTag done, IProgress<TransferProgress>? progress)
    {
        progress?.Report(new TransferProgress(null, $"{done.Tag}: digest: {done.Digest} size: {done.Size}"));
        progress?.Report(new TransferProgress(null, "") { Pushed = done });
        return done;
    }

    private sealed record PlannedLayer(ImageLayer Layer, Descriptor? Known, bool Compress);

    private List<PlannedLayer> Plan(ImageRecord image, Descriptor? pushed)
    {
        if (image.Manifest is not null)
            return [.. image.Layers.Select(layer => new PlannedLayer(layer, layer.Blob, Compress: false))];
        var known = CompressedBefore(pushed, image);
        return [.. image.Layers.Select(layer => layer.Blob.MediaType == MediaTypes.OciLayer ? new PlannedLayer(layer, known.GetValueOrDefault(layer.DiffId), Compress: true) : new PlannedLayer(layer, layer.Blob, Compress: false))];
    }

    // What earlier pushes made of plain layers: if the registry has that, nothing needs to be compressed again.
    private Dictionary<Digest, Descriptor> CompressedBefore(Descriptor? pushed, ImageRecord image)
    {
        var known = new Dictionary<Digest, Descriptor>();
        var pushes = new List<(Descriptor Manifest, IReadOnlyList<Digest> DiffIds)>();
        lock (_gate)
        {
            foreach (var entry in _images.Values)
            {
                if (entry.Stored.Pushed is { } other && other != pushed)
                    pushes.Add((other, entry.Config.RootFs.DiffIds));
            }
        }
        if (pushed is not null)
            pushes.Add((pushed, image.DiffIds));
        foreach (var (manifest, diffIds) in pushes)
        {
            var parsed = ArchiveDocuments.ParseManifest(_content.ReadDocument(manifest.Digest, _limits.MaxDocumentBytes), manifest.Digest.ToString());
            for (var i = 0; i < diffIds.Count && i < parsed.Layers.Count; i++)
                known[diffIds[i]] = parsed.Layers[i];
        }
        return known;
    }

    private async Task<Descriptor> SendAsync(Registries registries, RegistryClient client, ImageReference reference, PlannedLayer plan, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        var id = plan.Layer.DiffId.Short;
        if (registries.Uploads.CurrentCount == 0)
            progress?.Report(new TransferProgress(id, "Waiting"));
        await registries.Uploads.WaitAsync(ct);
        try
        {
            if (plan.Known is { } known && await IsThereAsync(client, reference, known, id, progress, ct))
                return known;
            var blob = plan.Layer.Blob;
            var path = _content.PathOf(blob.Digest);
            if (plan.Compress)
            {
                blob = await Task.Run(() => Compress(blob, ct), ct);
                path = _content.PathOf(blob.Digest);
                if (blob != plan.Known && await IsThereAsync(client, reference, blob, id, progress, ct))
                    return blob;
            }
            var meter = new TransferMeter(progress, id, "Pushing", blob.Size, _time);
            await client.UploadAsync(blob.Digest, path, blob.Size, meter, ct);
            progress?.Report(new TransferProgress(id, "Pushed"));
            return blob;
        }
        finally
        {
            registries.Uploads.Release();
        }
    }

    private async Task<bool> IsThereAsync(RegistryClient client, ImageReference reference, Descriptor blob, string id, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        if (await client.HasBlobAsync(blob.Digest, ct))
        {
            progress?.Report(new TransferProgress(id, "Layer already exists"));
            return true;
        }
        foreach (var repository in RepositoriesWith(blob.Digest, reference).Take(MaxMountTries))
        {
            if (await client.MountAsync(blob.Digest, repository, ct))
            {
                progress?.Report(new TransferProgress(id, $"Mounted from {repository}"));
                return true;
            }
        }
        return false;
    }

    // Repositories of the same registry that the blob was pulled from or pushed to: names by digest are only made then.
    private List<string> RepositoriesWith(Digest blob, ImageReference target)
    {
        lock (_gate)
        {
            var repositories = new List<string>();
            foreach (var (name, id, index) in _names.Values.Where(name => name.Reference.Digest is not null && name.Reference.Domain == target.Domain && name.Reference.Path != target.Path))
            {
                if (!repositories.Contains(name.Path) && (ManifestNames(_images[id].Stored, blob) || (index is not null && LeavesOf(index).Any(leaf => ManifestOf(leaf) is { } manifest && manifest.Layers.Prepend(manifest.Config).Any(part => part?.Digest == blob)))))
                    repositories.Add(name.Path);
            }
            return repositories;
        }
    }

    private bool ManifestNames(StoredImage image, Digest blob)
    {
        if (image.Layers.Any(layer => layer.Digest == blob))
            return true;
        return image.Pushed is { } pushed
            && ArchiveDocuments.ParseManifest(_content.ReadDocument(pushed.Digest, _limits.MaxDocumentBytes), pushed.Digest.ToString()).Layers.Any(layer => layer.Digest == blob);
    }

    private static async Task SendBlobAsync(RegistryClient client, Digest digest, string path, long size, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        if (!await client.HasBlobAsync(digest, ct))
            await client.UploadAsync(digest, path, size, new TransferMeter(progress, digest.Short, "Pushing", size, TimeProvider.System), ct);
    }

    private Descriptor Compress(Descriptor blob, CancellationToken ct)
    {
        using var source = _content.OpenRead(blob.Digest);
        using var ingest = _content.Begin();
        LayerCompression.Compress(source, ingest, ct);
        return new Descriptor { MediaType = MediaTypes.OciLayerGzip, Digest = ingest.Commit(), Size = ingest.Length };
    }

    private RegistryDocument Document(ImageRecord image, IReadOnlyList<Descriptor> layers)
    {
        if (image.Manifest is { } own)
            return new RegistryDocument(own, _content.ReadDocument(own.Digest, _limits.MaxDocumentBytes));
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciManifest,
            Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = image.Id, Size = _content.Size(image.Id) },
            Layers = layers,
            Annotations = image.Annotations,
        };
        var content = JsonSerializer.SerializeToUtf8Bytes(manifest, OciImageJson.Plain.ImageManifest);
        return new RegistryDocument(new Descriptor { MediaType = MediaTypes.OciManifest, Digest = _content.Put(content), Size = content.Length }, content);
    }

    private void Remember(ImageRecord image, ImageReference reference, RegistryDocument document)
    {
        lock (_gate)
        {
            // Somebody may have removed it meanwhile.
            if (!_images.TryGetValue(image.Id, out var entry))
                return;
            if (image.Manifest is null && entry.Stored.Pushed != document.Descriptor)
                WriteImage(entry with { Stored = entry.Stored with { Pushed = document.Descriptor } });
            var name = reference.WithDigest(document.Descriptor.Digest);
            var isNew = !_names.ContainsKey(name.ToString());
            SetName(name, image.Id, null);
            try
            {
                WriteNames();
            }
            catch
            {
                // A full disk, say: what is known here is what stands there.
                if (isNew)
                    _names.Remove(name.ToString());
                throw;
            }
        }
    }
}
