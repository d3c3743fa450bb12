using Sampan.Linux.Processes;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Layouts;
using Sampan.Storage.Images.Remotes;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images;

/// <summary>Bringing images in from registries.</summary>
public sealed partial class ImageStore
{
    /// <summary>
    /// Pulls an image.
    /// <list type="number">
    /// <item>Find it: at a mirror that has it, else at its registry.</item>
    /// <item>Read manifest and configuration, those for the platform.</item>
    /// <item>Fetch the layers that are not here, from the byte where an earlier try stopped.</item>
    /// <item>Meanwhile unpack what is new, large layers as they arrive; take it from the lowest up when its digests are right.</item>
    /// <item>Flush the blobs; the last step that can fail or be cancelled.</item>
    /// <item>Write the image and its name.</item>
    /// </list>
    /// </summary>
    /// <param name="registries">The registries.</param>
    /// <param name="reference">The image; its digest decides, if it has one.</param>
    /// <param name="options">Platform and credentials.</param>
    /// <param name="progress">Told each step, from many threads; null: nobody.</param>
    /// <param name="ct">Cancels until step 5; what was fetched stays for the next try.</param>
    /// <exception cref="RegistryException">It is not there, not for this user, the registry lied, or it is broken.</exception>
    /// <exception cref="StorageException">The image cannot be used or stored.</exception>
    public async Task<PulledImage> PullAsync(Registries registries, ImageReference reference, PullOptions options, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        using var writing = new Writing(this);
        _content.Partial.Sweep(_time.GetUtcNow() - registries.Options.KeepPartial);
        var location = await registries.LocateAsync(reference, options.Credentials, ct); // 1
        progress?.Report(new TransferProgress(reference.Tag ?? reference.Digest?.ToString(), $"Pulling from {reference.Path}"));
        if (options.AllPlatforms && MediaTypes.IsIndex(location.Document.Descriptor.MediaType))
            return await PullAllAsync(registries, location, reference, progress, ct);
        var remote = await RemoteImage.ReadAsync(location, reference, options.Platform, _limits, ct); // 2
        var image = remote.Image;
        return await UnlessFullAsync(image.Layers, async () =>
        {
            await FetchAsync(registries, location, image, progress, ct); // 3, 4
            FailPoint.Reach("pull.layers-unpacked");
            var wasHere = IsHere(image);
            Store(remote);
            FailPoint.Reach("pull.documents-stored");
            var pulled = Commit([image], null)[0].Image; // 5, 6
            foreach (var layer in image.Layers)
                _content.Partial.Release(layer.Digest);
            return new PulledImage(pulled, (image.Index ?? remote.Manifest.Descriptor).Digest, !wasHere);
        });
    }

    // What was fetched stays for the next try, but not when there is no room for it.
    private async Task<T> UnlessFullAsync<T>(IReadOnlyList<Descriptor> blobs, Func<Task<T>> bring)
    {
        try
        {
            return await bring();
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            foreach (var blob in blobs)
                _content.Partial.Drop(blob.Digest);
            throw DiskRefusal.Of(full);
        }
    }

    /// <summary>Removes what interrupted downloads left, unless somebody is just going on with it.</summary>
    /// <returns>The bytes that became free.</returns>
    public long DropPartialDownloads()
    {
        // Whole layers are collected when this is given back.
        using var writing = new Writing(this);
        lock (_gate)
        {
            var referred = _images.Values.SelectMany(image => image.Stored.Layers).Select(layer => layer.Digest).ToHashSet();
            var whole = _content.Partial.Kept().Where(blob => !referred.Contains(blob) && _content.Contains(blob)).Sum(_content.Size);
            return whole + _content.Partial.Sweep(DateTimeOffset.MaxValue);
        }
    }

    private void Store(RemoteImage remote)
    {
        _content.Put(remote.Config);
        foreach (var document in remote.Indexes.Append(remote.Manifest))
            _content.Put(document.Content);
    }

    private bool IsHere(ArchivedImage image)
    {
        lock (_gate)
            return _names.TryGetValue(image.Names[0].ToString(), out var known) && (known.Id == image.Id || (image.Index is { } index && known.Index?.Digest == index.Digest && _images.ContainsKey(image.Id)));
    }

    private async Task FetchAsync(Registries registries, ImageLocation location, ArchivedImage image, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        var layers = image.Layers.DistinctBy(layer => layer.Digest).ToList();
        var fetched = layers.Select(layer => layer.Digest).Where(layer => !_content.Contains(layer)).ToHashSet();
        foreach (var layer in layers)
            progress?.Report(new TransferProgress(layer.Digest.Short, fetched.Contains(layer.Digest) ? "Pulling fs layer" : "Already exists"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var ahead = new LayersAhead(Layers);
        var sources = Sources(image, progress);
        var fetching = layers.ToDictionary(layer => layer.Digest, layer => FetchAsync(registries, location, layer, sources[Index(image, layer)], ahead, progress, stop.Token));
        List<Task> work = [.. fetching.Values, UnpackAsync(image, sources, fetching, fetched, ahead, progress, stop.Token)];
        try
        {
            await foreach (var done in Task.WhenEach(work))
                await done;
        }
        catch (Exception failure)
        {
            // One failed: the others keep what they have, and end.
            await stop.CancelAsync();
            await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Unless fetching it again would bring the same.
            if ((failure as StorageException)?.Kind is StorageError.Corrupt or StorageError.InvalidInput or StorageError.NotSupported || (failure as RegistryException)?.Kind is StorageError.Corrupt or StorageError.InvalidInput)
                layers.ForEach(layer => _content.Partial.Drop(layer.Digest));
            throw;
        }
    }

    private static int Index(ArchivedImage image, Descriptor layer)
    {
        for (var i = 0; ; i++)
        {
            if (image.Layers[i].Digest == layer.Digest)
                return i;
        }
    }

    // A large layer that is new is unpacked as it arrives.
    private async Task FetchAsync(Registries registries, ImageLocation location, Descriptor layer, LayerSource source, LayersAhead ahead, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        if (layer.Size < registries.Options.UnpackAheadBytes || _content.Contains(layer.Digest) || Layers.Find(source.ChainId) is not null)
        {
            await FetchAsync(registries, location, layer, null, progress, ct);
            return;
        }
        using var arrival = new BlobArrival(layer.Size);
        var meter = new TransferMeter(progress, layer.Digest.Short, "Extracting", layer.Size, _time);
        // Whoever draws it shows one thing at a time: first what arrives.
        var unpacking = ahead.UnpackAsync(source with { OpenTar = () => Compression.Decompress(new MeteredStream(arrival.OpenRead(ct), meter, () => !arrival.IsWhole), _limits) }, arrival, ct);
        try
        {
            await FetchAsync(registries, location, layer, arrival, progress, ct);
        }
        finally
        {
            arrival.End();
            await unpacking;
        }
    }

    private async Task FetchAsync(Registries registries, ImageLocation location, Descriptor layer, BlobArrival? arrival, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        // Others may pull an image with the same layer.
        using var turn = await _content.Partial.EnterAsync(layer.Digest, ct);
        if (_content.Contains(layer.Digest))
        {
            if (_content.Size(layer.Digest) != layer.Size)
                throw new RegistryException(StorageError.Corrupt, $"layer '{layer.Digest}' has {_content.Size(layer.Digest)} bytes, the manifest says {layer.Size}");
            return;
        }
        if (registries.Downloads.CurrentCount == 0)
            progress?.Report(new TransferProgress(layer.Digest.Short, "Waiting"));
        await registries.Downloads.WaitAsync(ct);
        try
        {
            await DownloadAsync(registries, location, layer, arrival, progress, ct);
        }
        finally
        {
            registries.Downloads.Release();
        }
        progress?.Report(new TransferProgress(layer.Digest.Short, "Download complete"));
    }

    private async Task DownloadAsync(Registries registries, ImageLocation location, Descriptor layer, BlobArrival? arrival, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        var options = registries.Options;
        var spans = (int)Math.Clamp(layer.Size / Math.Max(1, options.RangeBytes), 1, Math.Max(1, options.MaxRanges));
        var clients = new[] { location.Client }.Concat(location.Others).ToList();
        for (var i = 0; ; i++)
        {
            using var blob = _content.Partial.Open(layer.Digest, layer.Size, spans, arrival);
            try
            {
                var meter = new TransferMeter(progress, layer.Digest.Short, "Downloading", layer.Size, _time);
                await new BlobDownload(clients[i], blob, meter).RunAsync(ct);
                _content.Partial.Keep(layer.Digest);
                blob.Promote(_content.PathOf(layer.Digest));
                _content.MustFlush(layer.Digest);
                FailPoint.Reach("pull.layer-fetched");
                return;
            }
            catch (RegistryException) when (i + 1 < clients.Count)
            {
                // A mirror that fails in the middle: whoever is next goes on from there.
            }
        }
    }

    // As many layers at a time as have arrived without a gap: those above need those below.
    private async Task UnpackAsync(ArchivedImage image, List<LayerSource> sources, Dictionary<Digest, Task> fetching, IReadOnlySet<Digest> fetched, LayersAhead ahead, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        for (var next = 0; next < sources.Count;)
        {
            await fetching[image.Layers[next].Digest];
            var end = next + 1;
            while (end < sources.Count && fetching[image.Layers[end].Digest].IsCompletedSuccessfully)
                end++;
            var arrived = sources[next..end].Select(source => Layers.Find(source.ChainId) is null).ToList();
            await Task.Run(() => Layers.EnsureAsync(sources[..end], ct, ahead), CancellationToken.None);
            for (var i = next; i < end; i++)
            {
                // What came is told to be whole, though what it unpacks to may have been here already.
                if (arrived[i - next] || fetched.Contains(image.Layers[i].Digest))
                    progress?.Report(new TransferProgress(image.Layers[i].Digest.Short, "Pull complete"));
            }
            next = end;
        }
    }

    private List<LayerSource> Sources(ArchivedImage image, IProgress<TransferProgress>? progress)
    {
        var diffIds = image.Config.RootFs.DiffIds;
        var chain = LayerSource.Chain(diffIds);
        var sources = new List<LayerSource>(chain.Count);
        for (var i = 0; i < chain.Count; i++)
        {
            var blob = image.Layers[i];
            var meter = new TransferMeter(progress, blob.Digest.Short, "Extracting", blob.Size, _time);
            sources.Add(new LayerSource(diffIds[i], chain[i], () => Compression.Decompress(new MeteredStream(_content.OpenRead(blob.Digest), meter), _limits), blob.Digest == diffIds[i]));
        }
        return sources;
    }
}
