using System.Security.Cryptography;
using Sampan.Linux;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Collection;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images;

/// <summary>Verifying all that is stored, and mending what can be mended.</summary>
public sealed partial class ImageStore
{
    /// <summary>
    /// Verifies everything:
    /// <list type="number">
    /// <item>Each blob has the digest of its name.</item>
    /// <item>Each record is on the disk and says what is known here; images whose records were lost are put together from their blobs.</item>
    /// <item>Each image has its blobs.</item>
    /// <item>Each unpacked layer is what its blob unpacks to, file by file.</item>
    /// <item>Each snapshot has its layers and a container.</item>
    /// <item>Nothing lies around that nobody refers to.</item>
    /// </list>
    /// Nothing is collected meanwhile; images may be used, pulled and removed.
    /// </summary>
    /// <param name="repair">Whether to mend: records are written again, damaged blobs and images that cannot be restored go, so that they can be fetched again; layers are unpacked anew.</param>
    /// <param name="containerOf">What is known of a snapshot's container: null if there is none.</param>
    /// <param name="tell">Told of each step, for people.</param>
    /// <param name="ct">Gives up between two things.</param>
    public async Task<StoreCheck> CheckAsync(bool repair, Func<string, SnapshotOwner?> containerOf, Action<string> tell, CancellationToken ct)
    {
        using var writing = new Writing(this);
        return await Task.Run(() => new Checker(this, repair, containerOf, tell, ct).RunAsync(), CancellationToken.None);
    }

    private sealed class Checker(ImageStore store, bool repair, Func<string, SnapshotOwner?> containerOf, Action<string> tell, CancellationToken ct)
    {
        private readonly List<StoreFinding> _findings = [];
        private readonly HashSet<Digest> _good = [];
        private readonly HashSet<Digest> _looked = [];
        private int _blobs;
        private int _layers;
        private int _records;

        internal async Task<StoreCheck> RunAsync()
        {
            CheckBlobs(); // 1
            await CheckRecordsAsync(); // 2
            CheckImages(); // 3
            CheckLayers(); // 4
            CheckSnapshots(); // 5
            CheckOrphans(); // 6
            return new StoreCheck(_blobs, _layers, _records, _findings);
        }

        private void CheckBlobs()
        {
            foreach (var blob in store._content.List().ToList())
            {
                ct.ThrowIfCancellationRequested();
                tell($"blob {blob.Short}");
                _looked.Add(blob);
                Digest found;
                try
                {
                    found = Found(blob);
                }
                catch (StorageException removed) when (removed.Kind == StorageError.NotFound)
                {
                    continue;
                }
                catch (IOException unreadable)
                {
                    Find(LedgerKind.Blob, blob.ToString(), $"it cannot be read: {unreadable.Message}", "look at the disk");
                    continue;
                }
                _blobs++;
                if (found == blob)
                    _good.Add(blob);
                else
                    Mend(LedgerKind.Blob, blob.ToString(), $"its content has the digest '{found}'", "removed: pull or load its image again", "remove it, so that a pull or load fetches it again", () =>
                    {
                        // Nothing could make its layer again.
                        store.Layers.Flush();
                        // Somebody may have brought it anew since.
                        if (IsDamaged(blob))
                            store._content.Remove(blob);
                    });
            }
        }

        private Digest Found(Digest blob)
        {
            using var stream = store._content.OpenRead(blob);
            return Digest.FromHash(SHA256.HashData(stream));
        }

        private bool IsDamaged(Digest blob)
        {
            try
            {
                if (Found(blob) != blob)
                    return true;
                _good.Add(blob);
                return false;
            }
            catch (Exception lost) when (lost is IOException or StorageException { Kind: StorageError.NotFound })
            {
                return true;
            }
        }

        // What came after the look at all blobs is looked at now: images may be pulled and built meanwhile.
        private bool IsGood(Digest blob) => _good.Contains(blob) || _looked.Add(blob) && !IsDamaged(blob);

        private async Task CheckRecordsAsync()
        {
            foreach (var (kind, id, problem, write) in store.WrongRecords())
                Mend(kind, id, problem, "written again", "write it again", write);
            foreach (var (id, problem) in store.Unread())
            {
                tell($"image {id.Short}");
                if (!repair)
                {
                    Find(LedgerKind.Image, id.ToString(), problem, "system check --repair would restore it from its blobs, or put it aside, so that it can be pulled or loaded again");
                    continue;
                }
                try
                {
                    await store.RestoreAsync(id, _good, ct);
                    _findings.Add(new StoreFinding(LedgerKind.Image, id.ToString(), problem, "restored from its blobs", IsRepaired: true));
                }
                catch (StorageException lost)
                {
                    Mend(LedgerKind.Image, id.ToString(), problem, $"put aside, for {lost.Message}: pull or load it again", "put it aside", () => store.PutAside(id));
                }
            }
        }

        private void CheckImages()
        {
            foreach (var image in store.List())
            {
                _records++;
                var lost = store.BlobsOf(image).Where(blob => !IsGood(blob.Digest)).ToList();
                if (lost.Exists(blob => blob.Digest == image.Id))
                    Mend(LedgerKind.Image, image.Id.ToString(), "its configuration is damaged or missing", "removed with its names: pull or load it again", "remove it with its names, so that it can be pulled or loaded again", () => store.Drop(image.Id));
                else if (lost.Count > 0)
                    Find(LedgerKind.Image, image.Id.ToString(), $"{lost.Count} of its blobs are damaged or missing; it runs, but cannot be pushed or saved, and its files cannot be compared", "pull or load it again");
            }
            foreach (var plugin in store.Plugins())
            {
                _records++;
                var lost = store._plugins.Blobs().Where(blob => blob.Plugin.Id == plugin.Id && !IsGood(blob.Digest)).Select(blob => blob.Digest).Distinct().Count();
                if (lost > 0)
                    Find(LedgerKind.Plugin, plugin.Id, $"{lost} of the blobs of plugin {plugin.Name} are damaged or missing; it runs, but cannot be pushed", "install it again under another name, or upgrade it");
                if (!Directory.Exists(Path.Combine(store.PluginDirectory(plugin.Id), plugin.Files)))
                    Find(LedgerKind.Plugin, plugin.Id, $"the files of plugin {plugin.Name} are missing", "remove it by force and install it again");
            }
            foreach (var damaged in store._plugins.Damaged)
                Find(LedgerKind.Plugin, damaged.Key, damaged.Reason, $"mend its record in '{store.PluginDirectory(damaged.Key)}' and start the daemon again, or remove that directory");
            foreach (var index in store.NamedIndexes().Where(index => !IsGood(index.Digest)).ToList())
                Mend(LedgerKind.Blob, index.Digest.ToString(), "the index that a name stands for is damaged or missing", "the name means this machine's image alone: pull it again for the index", "let the name mean this machine's image alone", () => store.DropIndex(index.Digest));
            foreach (var attached in store.ListAttached().Where(attached => store.PlanOf(attached.Manifest) is var plan && (plan.Missing.Count > 0 || plan.Manifests.Concat(plan.Indexes).Concat(plan.Blobs).Any(part => !IsGood(part.Digest)))).ToList())
                Mend(LedgerKind.Blob, attached.Manifest.Digest.ToString(), $"some of what is attached to '{attached.Subject}' is damaged or missing", "removed: pull its image again with --referrers", "remove it, so that it can be pulled again", () => store.DropAttached(attached.Manifest.Digest));
        }

        private void CheckLayers()
        {
            foreach (var image in store.List())
            {
                for (var i = 0; i < image.Layers.Count; i++)
                {
                    ct.ThrowIfCancellationRequested();
                    CheckLayer(image, i);
                }
            }
        }

        private readonly HashSet<Digest> _compared = [];

        private void CheckLayer(ImageRecord image, int index)
        {
            var layer = image.Layers[index];
            if (!IsGood(layer.Blob.Digest) || store.Layers.Find(layer.ChainId) is not { } record || !_compared.Add(layer.ChainId))
                return;
            tell($"layer {layer.ChainId.Short}");
            var source = new LayerSource(layer.DiffId, layer.ChainId, () => Compression.Decompress(store._content.OpenRead(layer.Blob.Digest), store._limits), layer.Blob.Digest == layer.DiffId);
            LayerRecord? fresh = null;
            try
            {
                fresh = store.Layers.UnpackBeside(source, [.. image.Layers.Take(index).Select(below => below.ChainId)], ct);
                _layers++;
                var stored = store.Layers.DirectoryOf(record);
                var difference = Directory.Exists(stored) ? new TreeComparison(ct).Differ(stored, store.Layers.DirectoryOf(fresh)) : "its directory is missing";
                if (difference is null)
                    return;
                if (repair && RunningOn(layer.ChainId) is { } running)
                {
                    Find(LedgerKind.Layer, layer.ChainId.ToString(), difference, $"container {running} runs on it: stop it and repair again");
                    return;
                }
                var replacement = fresh;
                Mend(LedgerKind.Layer, layer.ChainId.ToString(), difference, "unpacked again", "unpack it again", () =>
                {
                    store.Layers.Replace(replacement);
                    store._layerBytes.TryRemove(record.Directory, out _);
                    fresh = null;
                });
            }
            catch (Exception failed) when (failed is StorageException or LinuxException)
            {
                Find(LedgerKind.Layer, layer.ChainId.ToString(), $"it cannot be compared with its blob: {failed.Message}", "make room, or pull its image again");
            }
            finally
            {
                if (fresh is not null)
                    store.Layers.Discard(fresh);
            }
        }

        private void CheckSnapshots()
        {
            foreach (var (key, snapshot) in store.Snapshots.All())
            {
                _records++;
                if (containerOf(key) is null)
                {
                    Mend(LedgerKind.Container, key, "its writable files belong to no container", "removed", "remove them", () => store.Snapshots.Remove(key));
                    continue;
                }
                foreach (var layer in snapshot.Layers.Where(layer => store.Layers.Find(layer) is null))
                    Find(LedgerKind.Container, key, $"layer '{layer}' below it is missing", "load or pull its image again, or remove the container");
            }
        }

        // Whoever is just writing has blobs and layers that nothing refers to yet.
        private void CheckOrphans()
        {
            lock (store._gate)
            {
                if (store._writers > 1 || store._unread.Count > 0 || store._plugins.Damaged.Count > 0)
                    return;
                // A blob that goes is perhaps all that could make a container's layer again.
                if (repair && !store.TryFlushLayers())
                {
                    Find(LedgerKind.Layer, "layers", "they cannot be put on the disk, so nothing was removed that nobody refers to", "look at the disk, and repair again");
                    return;
                }
                var referred = store.Referred();
                foreach (var blob in store._content.List().Where(blob => !referred.Blobs.Contains(blob)).ToList())
                    Mend(LedgerKind.Blob, blob.ToString(), "nothing refers to it", "removed", "remove it", () => store._content.Remove(blob));
                var layers = store.Layers.List().Where(layer => !referred.Layers.Contains(layer.ChainId)).ToList();
                foreach (var layer in layers)
                    Mend(LedgerKind.Layer, layer.ChainId.ToString(), "nothing refers to it", "removed", "remove it", () => store.Layers.Collect(store.Layers.List().Select(other => other.ChainId).Where(id => id != layer.ChainId).ToHashSet()));
            }
            store.Layers.Sweep();
        }

        private string? RunningOn(Digest layer) => store.Snapshots.All()
            .Where(snapshot => snapshot.Record.Layers.Contains(layer))
            .Select(snapshot => containerOf(snapshot.Key))
            .FirstOrDefault(owner => owner is { IsRunning: true })?.Name;

        private void Find(LedgerKind kind, string id, string problem, string remedy) => _findings.Add(new StoreFinding(kind, id, problem, remedy, IsRepaired: false));

        private void Mend(LedgerKind kind, string id, string problem, string done, string remedy, Action act)
        {
            if (!repair)
            {
                Find(kind, id, problem, $"system check --repair would {remedy}");
                return;
            }
            try
            {
                act();
                _findings.Add(new StoreFinding(kind, id, problem, done, IsRepaired: true));
            }
            catch (Exception failed) when (failed is StorageException or LinuxException or IOException)
            {
                Find(kind, id, problem, $"it cannot be repaired: {failed.Message}");
            }
        }
    }

    private void Drop(Digest id)
    {
        lock (_gate)
        {
            foreach (var name in _names.Where(name => name.Value.Id == id).Select(name => name.Key).ToList())
                _names.Remove(name);
            _images.Remove(id);
            WriteNames();
            File.Delete(FileOf(id));
        }
    }

    private IReadOnlyList<Descriptor> NamedIndexes()
    {
        lock (_gate)
            return [.. _names.Values.Select(name => name.Index).OfType<Descriptor>().DistinctBy(index => index.Digest)];
    }

    private void DropIndex(Digest digest)
    {
        lock (_gate)
        {
            foreach (var (key, name) in _names.Where(name => name.Value.Index?.Digest == digest).ToList())
                _names[key] = name with { Index = null };
            WriteNames();
        }
    }
}
