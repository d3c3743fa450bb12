using Sampan.Oci.Images;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images;

/// <content>What nothing refers to goes, unless somebody is just bringing new things.</content>
public sealed partial class ImageStore
{
    /// <summary>Removes blobs and layers that nothing refers to, unless somebody is just bringing new ones. Returns the removed layers.</summary>
    private IReadOnlyList<LayerRecord> Collect()
    {
        // Who writes calls again when it is done. With an unreadable image or plugin it is unknown what it refers to.
        if (_writers > 0 || _unread.Count > 0 || _plugins.Damaged.Count > 0)
            return [];
        var (blobs, layers) = Referred();
        // Containers may keep layers whose blobs go now: those can never be unpacked again.
        if (Layers.IsUnflushed(layers.Except(_images.Values.SelectMany(image => image.Layers).Select(layer => layer.ChainId))) && !TryFlushLayers())
            return [];
        foreach (var blob in _content.List().Where(blob => !blobs.Contains(blob)).ToList())
        {
            _content.Remove(blob);
            _knownIndexes.Remove(blob);
            _knownManifests.Remove(blob);
        }
        _attached.RemoveAll(attached => !blobs.Contains(attached.Manifest.Digest));
        return Layers.Collect(layers);
    }

    /// <summary>What images, plugins, snapshots and interrupted downloads refer to.</summary>
    private (HashSet<Digest> Blobs, HashSet<Digest> Layers) Referred()
    {
        var blobs = new HashSet<Digest>(_content.Partial.Kept());
        var layers = new HashSet<Digest>(Snapshots.LiveLayers());
        foreach (var image in _images.Values)
        {
            blobs.Add(image.Stored.Id);
            blobs.UnionWith(image.Stored.Layers.Select(layer => layer.Digest));
            if (image.Stored.Manifest is { } manifest)
                blobs.Add(manifest.Digest);
            if (image.Stored.Pushed is { } pushed)
                blobs.Add(pushed.Digest);
            layers.UnionWith(image.Layers.Select(layer => layer.ChainId));
        }
        blobs.UnionWith(_plugins.Blobs().Select(blob => blob.Digest));
        blobs.UnionWith(IndexBlobs().Select(blob => blob.Digest));
        blobs.UnionWith(AttachedBlobs(blobs).Select(blob => blob.Digest));
        return (blobs, layers);
    }

    /// <summary>While one of these is held new blobs and layers need no reference; the last one to go collects.</summary>
    private sealed class Writing : IDisposable
    {
        private readonly ImageStore _store;

        internal Writing(ImageStore store)
        {
            _store = store;
            lock (store._gate)
                store._writers++;
        }

        public void Dispose()
        {
            lock (_store._gate)
            {
                _store._writers--;
                _store.Collect();
            }
            _store.Layers.Sweep();
        }
    }
}
