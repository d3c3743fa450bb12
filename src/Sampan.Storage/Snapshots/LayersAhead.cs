using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// Layers that are unpacked while they are still being fetched, for <see cref="LayerStore.EnsureAsync"/> to take. What it does not take goes
/// when this is disposed of.
/// </summary>
internal sealed class LayersAhead(LayerStore layers) : IDisposable
{
    private readonly ConcurrentDictionary<Digest, (LayerRecord Record, UnpackedLayer Layer)> _ready = new();

    /// <summary>Unpacks a layer as it arrives; ends when it is done, or when that failed.</summary>
    /// <param name="source">The layer; its tar is what arrives.</param>
    /// <param name="arrival">How far it is here.</param>
    /// <param name="ct">Ends it.</param>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The layer is unpacked again when all of it is here, and that tells what is wrong with it.")]
    internal async Task UnpackAsync(LayerSource source, BlobArrival arrival, CancellationToken ct)
    {
        if (!await arrival.Begun)
            return;
        try
        {
            var unpacked = await Task.Factory.StartNew(() => layers.Unpack(source, ct), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (!arrival.IsWhole || !_ready.TryAdd(source.ChainId, unpacked))
                layers.Discard(unpacked.Record);
        }
        catch (Exception)
        {
            // Nothing is left of it, and whoever wants the layer unpacks the whole blob.
        }
    }

    /// <summary>Adds a layer that was unpacked before anybody knew what it is.</summary>
    /// <param name="below">The chain below it; null: it is the lowest.</param>
    /// <param name="diffId">What it turned out to be.</param>
    /// <param name="tree">Its files.</param>
    internal void Add(Digest? below, Digest diffId, UnpackedTree tree)
    {
        var record = tree.ToRecord(diffId, LayerSource.Chain(below, diffId));
        if (!_ready.TryAdd(record.ChainId, (record, tree.Layer)))
            layers.Discard(record);
    }

    /// <summary>Takes one that is ready.</summary>
    internal bool TryTake(Digest chainId, out (LayerRecord Record, UnpackedLayer Layer) layer) => _ready.TryRemove(chainId, out layer);

    public void Dispose()
    {
        foreach (var chainId in _ready.Keys)
        {
            if (TryTake(chainId, out var left))
                layers.Discard(left.Record);
        }
    }
}
