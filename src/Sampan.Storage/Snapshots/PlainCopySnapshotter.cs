using Sampan.Linux.Files;
using Sampan.Oci.Runtime;
using Sampan.Storage.Images;
using Sampan.Storage.Trees;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// Snapshots as whole copies of an image's files, where overlayfs cannot be mounted (on overlayfs itself, on some network file systems):
/// <c>DATA-ROOT/snapshots/KEY/root</c>. Slow to make and large, but asks nothing of the kernel.
/// </summary>
public sealed class PlainCopySnapshotter : ISnapshotter
{
    private const string DriverName = "copy";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly ImageStore _images;

    private PlainCopySnapshotter(ImageStore images) => _images = images;

    /// <inheritdoc/>
    public string Driver => DriverName;

    /// <inheritdoc/>
    public IReadOnlyList<string> Keys => _images.Snapshots.Keys(DriverName);

    /// <summary>Opens the snapshots beside a store's images.</summary>
    public static PlainCopySnapshotter Open(ImageStore images) => new(images);

    /// <inheritdoc/>
    public async Task PrepareAsync(string key, ImageRecord image, CancellationToken ct)
    {
        var snapshots = _images.Snapshots;
        if (Exists(key))
            throw new StorageException(StorageError.Conflict, $"snapshot '{key}' exists already");
        var layers = image.Layers.Select(layer => layer.ChainId).ToList();
        // Pinned first, copied then: the layers cannot be removed in between.
        _images.Pin(image.Id, () => snapshots.Save(key, new SnapshotRecord { Driver = DriverName, Layers = layers }));
        try
        {
            await Task.Run(() => Copy(Directory.CreateDirectory(Path.Combine(snapshots.DirectoryOf(key), "root"), OwnerOnly).FullName, layers), ct);
        }
        catch
        {
            Remove(key);
            throw;
        }
        // The copy needs the layers no more, but what changed in it is told by comparing: the record goes on keeping them.
    }

    /// <inheritdoc/>
    public Task PrepareAsync(string key, ImageRecord image, long? size, CancellationToken ct) => size is null
        ? PrepareAsync(key, image, ct)
        : throw new StorageException(StorageError.NotSupported, "--storage-opt size is not supported by the storage driver 'copy': overlay2 on a file system with project quotas has it");

    /// <inheritdoc/>
    public void MakeAhead(string key)
    {
        // A copy takes as long as its image is large: there is nothing to gain.
    }

    /// <inheritdoc/>
    public void DropAhead(string key)
    {
        // As above.
    }

    /// <inheritdoc/>
    public void Flush(string key) => _images.Snapshots.Flush(key);

    /// <inheritdoc/>
    public bool Exists(string key) => _images.Snapshots.Find(key) is not null;

    /// <inheritdoc/>
    public IReadOnlyList<Mount> Mounts(string key) => [new Mount { Destination = "/", Type = "bind", Source = Root(key), Options = ["rbind", "rw"] }];

    /// <inheritdoc/>
    public Mount ImageMount(string key) => Mounts(key)[0];

    /// <inheritdoc/>
    public void Remove(string key)
    {
        if (_images.Snapshots.Find(key) is not { } snapshot)
            return;
        _images.Snapshots.Remove(key);
        _images.Release(snapshot.Layers);
    }

    /// <inheritdoc/>
    public long Usage(string key) => TreeUsage.Of(Root(key));

    /// <inheritdoc/>
    public RootView OpenView(string key, bool asImage = false)
    {
        var root = Root(key);
        return new RootView([root], root);
    }

    /// <inheritdoc/>
    public SnapshotDifference OpenDifference(string key)
    {
        var own = DirectoryHandle.Open(Root(key));
        var below = _images.Snapshots.Find(key)?.Layers is { Count: > 0 } layers ? MergedDirectory.OpenRoot(_images.Layers.Stack(layers), _images.Layers.Style) : null;
        return new SnapshotDifference(own, below, isWhole: true);
    }

    /// <inheritdoc/>
    public ContainerTree OpenTree(string key, IReadOnlyList<TreeMount> mounts) => ContainerTree.Of(DirectoryHandle.Open(Root(key)), mounts);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Describe(string key) => new Dictionary<string, string> { ["Dir"] = Root(key) };

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Describe(ImageRecord image) => new Dictionary<string, string>();

    private void Copy(string target, IReadOnlyList<Oci.Images.Digest> layers)
    {
        var stack = _images.Layers.Stack(layers);
        if (stack.Count > 0)
        {
            using var view = new RootView(stack, writable: null, _images.Layers.Style);
            view.CopyTo("/", target);
        }
        else
        {
            using var root = DirectoryHandle.Open(target);
            root.Descriptor.SetMode(OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    private string Root(string key) => Exists(key)
        ? Path.Combine(_images.Snapshots.DirectoryOf(key), "root")
        : throw new StorageException(StorageError.NotFound, $"no such snapshot: '{key}'");
}
