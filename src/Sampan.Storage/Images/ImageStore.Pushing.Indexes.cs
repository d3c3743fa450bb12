using Sampan.Oci.Images;
using Sampan.Storage.Distribution;

namespace Sampan.Storage.Images;

/// <summary>Sending images for several platforms.</summary>
public sealed partial class ImageStore
{
    /// <summary>What of an index is sent: blobs, then manifests, then the indexes from the innermost out.</summary>
    private sealed record IndexPlan(IReadOnlyList<Descriptor> Blobs, IReadOnlyList<Descriptor> Manifests, IReadOnlyList<Descriptor> Indexes, IReadOnlyList<Descriptor> Missing);

    private IndexPlan PlanIndex(Descriptor index, IReadOnlyList<Descriptor>? only = null)
    {
        lock (_gate)
        {
            var inner = IndexesIn(index);
            var leaves = (only ?? LeavesOf(index)).DistinctBy(leaf => leaf.Digest).ToList();
            var complete = leaves.Where(leaf => ToMember(leaf).IsComplete).ToList();
            var lost = inner.SelectMany(at => IndexAt(at)?.Manifests ?? []).OfType<Descriptor>().Where(next => MediaTypes.IsIndex(next.MediaType) && IndexAt(next) is null);
            var blobs = complete.SelectMany(leaf => ManifestOf(leaf) is { } manifest ? manifest.Layers.Append(manifest.Config) : []).DistinctBy(blob => blob.Digest);
            return new IndexPlan([.. blobs], complete, [.. Enumerable.Reverse(inner)], [.. leaves.Except(complete), .. lost]);
        }
    }

    /// <summary>
    /// Pushes an index with all that it leads to. What is not here may be at the registry already.
    /// </summary>
    /// <returns>Null, with nothing sent: some of it is neither here nor there.</returns>
    private async Task<PushedTag?> PushIndexAsync(Registries registries, ImageReference reference, RegistryCredentials? credentials, Descriptor index, Digest imageId, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        var plan = PlanIndex(index);
        var client = await registries.OpenAsync(reference, credentials, ct);
        foreach (var missing in plan.Missing)
        {
            if (!await IsThereAsync(client, missing, ct))
                return null;
        }
        foreach (var blob in plan.Blobs)
            progress?.Report(new TransferProgress(blob.Digest.Short, "Preparing"));
        await AllAsync(plan.Blobs.Select<Descriptor, Func<CancellationToken, Task<Descriptor>>>(blob => stop => SendStoredAsync(registries, client, reference, blob, blob.Digest.Short, progress, stop)), ct);
        foreach (var document in plan.Manifests.Concat(plan.Indexes).SkipLast(1))
            await client.PutManifestAsync(document.Digest.ToString(), DocumentOf(document), ct);
        var whole = DocumentOf(index);
        await client.PutManifestAsync(reference.Tag ?? index.Digest.ToString(), whole, ct);
        lock (_gate)
        {
            // Somebody may have removed it meanwhile.
            if (_images.ContainsKey(imageId))
            {
                SetName(reference.WithDigest(index.Digest), imageId, index);
                WriteNames();
            }
        }
        return new PushedTag(reference.Tag ?? "", index.Digest, whole.Content.Length);
    }

    private RegistryDocument DocumentOf(Descriptor descriptor)
    {
        var content = _content.ReadDocument(descriptor.Digest, _limits.MaxDocumentBytes);
        return new RegistryDocument(new Descriptor { MediaType = descriptor.MediaType, Digest = descriptor.Digest, Size = content.Length }, content);
    }

    private static async Task<bool> IsThereAsync(RegistryClient client, Descriptor manifest, CancellationToken ct)
    {
        try
        {
            return await client.FindManifestAsync(manifest.Digest.ToString(), ct) == manifest.Digest;
        }
        catch (RegistryException refusal) when (refusal.IsRefusal)
        {
            // A repository that is not there yet, or may only be written to.
            return false;
        }
    }

    private async Task<Descriptor> SendStoredAsync(Registries registries, RegistryClient client, ImageReference reference, Descriptor blob, string id, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        await registries.Uploads.WaitAsync(ct);
        try
        {
            if (await IsThereAsync(client, reference, blob, id, progress, ct))
                return blob;
            await client.UploadAsync(blob.Digest, _content.PathOf(blob.Digest), blob.Size, new TransferMeter(progress, id, "Pushing", blob.Size, _time), ct);
            progress?.Report(new TransferProgress(id, "Pushed"));
            return blob;
        }
        finally
        {
            registries.Uploads.Release();
        }
    }

    /// <summary>Does several things at a time; with the first failure all end.</summary>
    private static async Task<IReadOnlyList<T>> AllAsync<T>(IEnumerable<Func<CancellationToken, Task<T>>> works, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var running = works.Select(work => work(stop.Token)).ToList();
        try
        {
            var results = new List<T>(running.Count);
            foreach (var work in running)
                results.Add(await work);
            return results;
        }
        catch
        {
            await stop.CancelAsync();
            await ((Task)Task.WhenAll(running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
}
