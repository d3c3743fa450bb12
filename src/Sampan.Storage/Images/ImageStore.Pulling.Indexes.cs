using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Storage.Images;

/// <summary>Bringing in all that an index leads to.</summary>
public sealed partial class ImageStore
{
    // Layers that only their vendor's server may give: an index with those is kept without them.
    private const string ForeignLayer = "foreign";
    private const string RestrictedLayer = "nondistributable";

    /// <summary>
    /// Pulls every platform's image, and what the index has beside them.
    /// <list type="number">
    /// <item>Read all documents.</item>
    /// <item>Fetch the layers that are not here, image by image, and unpack them.</item>
    /// <item>Fetch the blobs of what is no image.</item>
    /// <item>Flush; write the images, and the name for the one of this machine.</item>
    /// </list>
    /// </summary>
    private async Task<PulledImage> PullAllAsync(Registries registries, ImageLocation location, ImageReference reference, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        var remote = await RemoteIndex.ReadAsync(location, reference, _limits, ct); // 1
        var blobs = remote.Images.SelectMany(image => image.Image.Layers).Concat(remote.Others.SelectMany(other => other.Manifest.Layers.Prepend(other.Manifest.Config))).ToList();
        return await UnlessFullAsync(blobs, () => BringAsync(registries, location, remote, blobs, progress, ct));
    }

    private async Task<PulledImage> BringAsync(Registries registries, ImageLocation location, RemoteIndex remote, List<Descriptor> blobs, IProgress<TransferProgress>? progress, CancellationToken ct)
    {
        foreach (var image in remote.Images)
        {
            progress?.Report(new TransferProgress(null, $"Pulling {image.Image.Config.Platform}"));
            await FetchAsync(registries, location, image.Image, progress, ct); // 2
        }
        foreach (var (document, manifest) in remote.Others)
        {
            if (manifest.Layers.Any(layer => layer.MediaType?.Contains(ForeignLayer, StringComparison.Ordinal) == true || layer.MediaType?.Contains(RestrictedLayer, StringComparison.Ordinal) == true))
            {
                progress?.Report(new TransferProgress(null, $"Leaving out {document.Descriptor.Digest}: its layers may only be had from their vendor"));
                continue;
            }
            foreach (var blob in manifest.Layers.Prepend(manifest.Config).DistinctBy(blob => blob.Digest))
                await FetchAsync(registries, location, blob, null, progress, ct); // 3
            _content.Put(document.Content);
        }
        remote.Indexes.ToList().ForEach(index => _content.Put(index.Content));
        remote.Images.ToList().ForEach(Store);
        var images = remote.Images.DistinctBy(image => image.Image.Id).Select((image, i) => i == 0 ? image.Image : image.Image with { IsMember = true, Names = [] }).ToList();
        var isHere = IsHere(images[0]) && images.TrueForAll(image => Find(image.Id.ToString()) is not null);
        var pulled = Commit(images, null)[0].Image; // 4
        blobs.ForEach(blob => _content.Partial.Release(blob.Digest));
        return new PulledImage(pulled, remote.Indexes[0].Descriptor.Digest, !isHere);
    }
}
