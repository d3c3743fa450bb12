using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Attachments;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Storage.Images;

/// <summary>
/// Signatures, lists of parts and statements that travel with images: fetched beside an image, sent beside it, and gone with it. They are
/// about manifests by digest, so they fit wherever the image is pushed with the manifest that it came with.
/// </summary>
public sealed partial class ImageStore
{
    // Guarded by the gate.
    private readonly List<AttachedManifest> _attached = [];

    /// <summary>What is here of what is attached to an image: to the index that its name stands for, to those manifests in it that are here, and to that in turn.</summary>
    /// <param name="reference">The image's name.</param>
    /// <returns>What the name stands for, if it came with a manifest, and what is about it.</returns>
    /// <exception cref="StorageException">NotFound.</exception>
    public (Descriptor? Subject, IReadOnlyList<AttachedManifest> Attached) AttachedTo(ImageReference reference)
    {
        lock (_gate)
        {
            var subjects = SubjectsOf(reference);
            return (subjects.FirstOrDefault(), AttachedTo(subjects.Select(subject => subject.Digest).ToHashSet()));
        }
    }

    /// <summary>
    /// Fetches what is attached to an image that is here, at its registry.
    /// <list type="number">
    /// <item>Read the lists of what is about its manifests, and cosign's tags; the documents.</item>
    /// <item>Fetch their blobs.</item>
    /// <item>Flush, and write that they belong to the image.</item>
    /// </list>
    /// </summary>
    /// <returns>What was found.</returns>
    /// <exception cref="RegistryException">The registry refused, lied, or is broken.</exception>
    /// <exception cref="StorageException">NotFound: no such image here; or what is attached cannot be stored.</exception>
    public async Task<IReadOnlyList<AttachedManifest>> PullAttachedAsync(Registries registries, ImageReference reference, RegistryCredentials? credentials, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        using var writing = new Writing(this);
        IReadOnlyList<Descriptor> subjects;
        lock (_gate)
            subjects = SubjectsOf(reference);
        var (remote, location) = await FindAttachedAsync(registries, reference, credentials, subjects, ct); // 1
        foreach (var line in remote.LeftOut)
            progress?.Report(new TransferProgress(null, line));
        return await UnlessFullAsync(remote.Blobs, async () =>
        {
            foreach (var attached in remote.Found)
                progress?.Report(new TransferProgress(attached.Manifest.Digest.Short, $"Pulling {attached.Manifest.ArtifactType ?? attached.Manifest.MediaType}"));
            foreach (var blob in remote.Blobs.DistinctBy(blob => blob.Digest))
                await FetchAsync(registries, location, blob, null, progress, ct); // 2
            foreach (var document in remote.Documents)
                _content.Put(document.Content);
            Keep(remote.Found); // 3
            foreach (var blob in remote.Blobs)
                _content.Partial.Release(blob.Digest);
            return remote.Found;
        });
    }

    /// <summary>Sends what is here of what is attached to an image to where its name says; the image itself has to be there.</summary>
    /// <returns>What was sent, or was there already.</returns>
    /// <exception cref="RegistryException">The registry refused, or is broken.</exception>
    /// <exception cref="StorageException">NotFound: no such image here; Corrupt: some of it is missing.</exception>
    public async Task<IReadOnlyList<AttachedManifest>> PushAttachedAsync(Registries registries, ImageReference reference, RegistryCredentials? credentials, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        using var writing = new Writing(this);
        var attachments = AttachedTo(reference).Attached;
        var client = await registries.OpenAsync(reference, credentials, ct);
        var sent = new List<AttachedManifest>();
        foreach (var attached in attachments)
        {
            // A push of one platform's image leaves the index behind, and what is about that.
            if (!await IsThereAsync(client, new Descriptor { Digest = attached.Subject, Size = 0 }, ct))
            {
                progress?.Report(new TransferProgress(attached.Manifest.Digest.Short, $"Not pushed: {attached.Subject}, which it is about, is not in {reference.Name}"));
                continue;
            }
            var plan = PlanOf(attached.Manifest);
            if (plan.Missing.Count > 0)
                throw new StorageException(StorageError.Corrupt, $"'{plan.Missing[0].Digest}', which is attached to '{reference.Familiar}', is damaged or missing here: pull it again with --referrers");
            await AllAsync(plan.Blobs.Select<Descriptor, Func<CancellationToken, Task<Descriptor>>>(blob => stop => SendStoredAsync(registries, client, reference, blob, blob.Digest.Short, progress, stop)), ct);
            foreach (var part in plan.Manifests.Concat(plan.Indexes).Where(part => part.Digest != attached.Manifest.Digest))
                await client.PutManifestAsync(part.Digest.ToString(), DocumentOf(part), ct);
            await client.PutManifestAsync(attached.Tag ?? attached.Manifest.Digest.ToString(), DocumentOf(attached.Manifest), ct);
            progress?.Report(new TransferProgress(attached.Manifest.Digest.Short, $"Pushed {attached.Manifest.ArtifactType ?? attached.Manifest.MediaType}"));
            sent.Add(attached);
        }
        return sent;
    }

    // At the first mirror that knows of any, else at the registry; with where its blobs are.
    private async Task<(RemoteAttachments Found, ImageLocation Location)> FindAttachedAsync(Registries registries, ImageReference reference, RegistryCredentials? credentials, IReadOnlyList<Descriptor> subjects, CancellationToken ct)
    {
        var clients = await registries.ClientsForPullAsync(reference, credentials, ct);
        for (var i = 0; ; i++)
        {
            var isLast = i + 1 == clients.Count;
            try
            {
                var found = await RemoteAttachments.ReadAsync(clients[i], subjects.Select(subject => subject.Digest), _limits, ct);
                if (found.Found.Count > 0 || isLast)
                    return (found, new ImageLocation(clients[i], new RegistryDocument(subjects[0], []), clients.Skip(i + 1).ToList()));
            }
            catch (RegistryException) when (!isLast)
            {
                // A mirror that is down, or lists nothing, is no reason to fail.
            }
        }
    }

    private void Keep(IReadOnlyList<AttachedManifest> found)
    {
        _content.Flush(found.Select(attached => attached.Manifest.Digest));
        lock (_gate)
        {
            var before = _attached.ToList();
            _attached.RemoveAll(known => found.Any(other => other.Manifest.Digest == known.Manifest.Digest && other.Tag == known.Tag));
            _attached.AddRange(found);
            try
            {
                WriteNames();
            }
            catch
            {
                // A full disk, say: what is known here is what stands there.
                _attached.Clear();
                _attached.AddRange(before);
                throw;
            }
        }
    }

    private IndexPlan PlanOf(Descriptor attached)
    {
        if (MediaTypes.IsIndex(attached.MediaType))
            return PlanIndex(attached);
        lock (_gate)
        {
            var blobs = ManifestOf(attached) is { } manifest ? manifest.Layers.Prepend(manifest.Config).DistinctBy(blob => blob.Digest).ToList() : [];
            return new IndexPlan(blobs, [attached], [], blobs.Count == 0 || blobs.Exists(blob => !_content.Contains(blob.Digest)) ? [attached] : []);
        }
    }

    // What a name stands for first: that is what others sign.
    private IReadOnlyList<Descriptor> SubjectsOf(ImageReference reference)
    {
        var named = _names.GetValueOrDefault(KeyOf(reference)) ?? throw NoSuchImage(reference.ToString());
        if (named.Index is { } index)
        {
            List<Descriptor> subjects = [.. IndexesIn(index).Concat(LeavesOf(index).Where(leaf => ManifestOf(leaf) is not null)).DistinctBy(subject => subject.Digest)];
            return subjects.Count > 0 ? subjects : throw new StorageException(StorageError.Corrupt, $"the index of '{reference.Familiar}' is damaged or missing: pull it again");
        }
        var stored = _images[named.Id].Stored;
        return (stored.Manifest ?? stored.Pushed) is { } manifest ? [manifest] : throw new StorageException(StorageError.InvalidInput, $"image '{reference.Familiar}' has no manifest yet that anything could be about: push it first");
    }

    // In the order in which they can be sent: what something is about before it.
    private List<AttachedManifest> AttachedTo(HashSet<Digest> subjects)
    {
        var found = new List<AttachedManifest>();
        for (var before = -1; before != found.Count;)
        {
            before = found.Count;
            foreach (var attached in _attached.Where(attached => subjects.Contains(attached.Subject) && !found.Contains(attached)).ToList())
            {
                found.Add(attached);
                subjects.Add(attached.Manifest.Digest);
            }
        }
        return found;
    }

    /// <summary>Every blob that is here because it is attached to one of these, or to what is.</summary>
    private IEnumerable<(Digest Digest, AttachedManifest Attached)> AttachedBlobs(HashSet<Digest> referred)
    {
        if (_attached.Count == 0)
            yield break;
        foreach (var attached in AttachedTo([.. referred]))
        {
            var plan = PlanOf(attached.Manifest);
            foreach (var part in plan.Manifests.Concat(plan.Indexes).Concat(plan.Blobs))
                yield return (part.Digest, attached);
        }
    }

    private IReadOnlyList<AttachedManifest> ListAttached()
    {
        lock (_gate)
            return [.. _attached];
    }

    private void DropAttached(Digest manifest)
    {
        lock (_gate)
        {
            _attached.RemoveAll(attached => attached.Manifest.Digest == manifest);
            WriteNames();
        }
    }
}
