using System.Text;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;
using Sampan.Oci.Images;
using Sampan.Oci.Runtime;
using Sampan.Storage.Images;
using Sampan.Storage.Trees;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// Snapshots as upper directories of overlayfs: made in no time, whatever the image's size.
/// <code>
/// DATA-ROOT/snapshots/KEY/upper     what the container wrote
/// DATA-ROOT/snapshots/KEY/work      overlayfs' own
/// </code>
/// Below the image's layers lie the <see cref="CommonFiles"/>.
/// </summary>
public sealed class OverlaySnapshotter : ISnapshotter
{
    private const string DriverName = "overlay2";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string Upper = "upper";
    private const string Work = "work";
    private const string MountedName = "mounted";

    private readonly ImageStore _images;
    private readonly string _common;
    private readonly Lock _mounting = new();

    private OverlaySnapshotter(ImageStore images)
    {
        _images = images;
        _common = CommonFiles.Make(images.DataRoot);
    }

    /// <inheritdoc/>
    public string Driver => DriverName;

    /// <inheritdoc/>
    public IReadOnlyList<string> Keys => _images.Snapshots.Keys(DriverName);

    /// <summary>Opens the snapshots beside a store's images.</summary>
    public static OverlaySnapshotter Open(ImageStore images) => new(images);

    /// <inheritdoc/>
    public Task PrepareAsync(string key, ImageRecord image, CancellationToken ct) => PrepareAsync(key, image, null, ct);

    /// <inheritdoc/>
    public Task PrepareAsync(string key, ImageRecord image, long? size, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var snapshots = _images.Snapshots;
        if (Exists(key))
            throw new StorageException(StorageError.Conflict, $"snapshot '{key}' exists already");
        var layers = image.Layers.Select(layer => layer.ChainId).ToList();
        _images.Pin(image.Id, () =>
        {
            // What is there before a limit would not be counted.
            if (size is not null)
                snapshots.DropAhead(key);
            var directory = snapshots.Prepare(key);
            uint? project = null;
            try
            {
                // Before there is anything in it: what is made below belongs to the project, both sides of each rename.
                if (size is { } bytes)
                    Limit(directory, (project = snapshots.NextProject()).Value, bytes);
                var upper = Path.Combine(directory, Upper);
                Directory.CreateDirectory(upper, OwnerOnly);
                Directory.CreateDirectory(Path.Combine(directory, Work), OwnerOnly);
                DressRoot(upper, Below(layers)[0]);
                FailPoint.Reach("snapshot.directories-made");
                snapshots.Save(key, new SnapshotRecord { Driver = DriverName, Layers = layers, Project = project });
            }
            catch
            {
                snapshots.Remove(key);
                throw;
            }
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void MakeAhead(string key) => _images.Snapshots.MakeAhead(key, Upper, Work);

    /// <inheritdoc/>
    public void DropAhead(string key) => _images.Snapshots.DropAhead(key);

    /// <inheritdoc/>
    public void Flush(string key) => _images.Snapshots.Flush(key);

    /// <inheritdoc/>
    public bool Exists(string key) => _images.Snapshots.Find(key) is not null;

    /// <inheritdoc/>
    public IReadOnlyList<Mount> Mounts(string key) => [Overlay(key, Lower(key))];

    /// <inheritdoc/>
    public Mount ImageMount(string key)
    {
        var layers = _images.Layers.Stack(Record(key).Layers);
        // Without layers there is no lower directory: the upper one alone is the image.
        return layers.Count > 0
            ? Overlay(key, layers)
            : new Mount { Destination = "/", Type = "bind", Source = Path.Combine(_images.Snapshots.DirectoryOf(key), Upper), Options = ["rbind", "rw"] };
    }

    private Mount Overlay(string key, IReadOnlyList<string> lower)
    {
        var directory = _images.Snapshots.DirectoryOf(key);
        return new Mount
        {
            Destination = "/",
            Type = "overlay",
            Source = "overlay",
            Options =
            [
                $"lowerdir={string.Join(':', lower.Select(Escape))}",
                $"upperdir={Escape(Path.Combine(directory, Upper))}",
                $"workdir={Escape(Path.Combine(directory, Work))}",
                // Whatever the kernel's defaults: layers are shared and looked at from outside, so no directory may say
                // "my content is elsewhere" and no file "only my metadata is here", and no index may tie layers together.
                "index=off",
                "redirect_dir=off",
                "metacopy=off",
            ],
        };
    }

    /// <inheritdoc/>
    public void Remove(string key)
    {
        if (_images.Snapshots.Find(key) is not { } snapshot)
            return;
        // Left by a process that was killed in the middle of OpenMounted.
        if (Directory.Exists(Path.Combine(_images.Snapshots.DirectoryOf(key), MountedName)))
            MountSpace.Detach(Path.Combine(_images.Snapshots.DirectoryOf(key), MountedName));
        if (snapshot.Project is { } project)
            ProjectQuota.Clear(_images.Snapshots.DirectoryOf(key), project);
        _images.Snapshots.Remove(key);
        _images.Release(snapshot.Layers);
    }

    private static void Limit(string directory, uint project, long bytes)
    {
        using var place = DirectoryHandle.Open(directory);
        try
        {
            ProjectQuota.Set(place.Descriptor, project, bytes);
        }
        catch (LinuxException refused)
        {
            throw new StorageException(StorageError.NotSupported, $"--storage-opt size is not supported: the file system of the data root has no project quotas (ext4 or xfs mounted with prjquota has): {refused.Errno}", refused);
        }
    }

    /// <inheritdoc/>
    public long Usage(string key)
    {
        _ = Record(key);
        return TreeUsage.Of(Path.Combine(_images.Snapshots.DirectoryOf(key), Upper));
    }

    /// <inheritdoc/>
    public RootView OpenView(string key, bool asImage = false)
    {
        var lower = asImage ? _images.Layers.Stack(Record(key).Layers) : Lower(key);
        var upper = Path.Combine(_images.Snapshots.DirectoryOf(key), Upper);
        return new RootView([upper, .. lower], upper);
    }

    /// <inheritdoc/>
    public SnapshotDifference OpenDifference(string key)
    {
        // Beside the image alone: what all have in common is nobody's change, nor what was made in its place before there was such a thing.
        var lower = _images.Layers.Stack(Record(key).Layers);
        var own = DirectoryHandle.Open(Path.Combine(_images.Snapshots.DirectoryOf(key), Upper));
        return new SnapshotDifference(own, lower.Count > 0 ? MergedDirectory.OpenRoot(lower, WhiteoutStyle.Kernel) : null, isWhole: false);
    }

    /// <inheritdoc/>
    public ContainerTree OpenTree(string key, IReadOnlyList<TreeMount> mounts)
    {
        using (var view = OpenView(key))
        {
            // A start makes these too; before the first one a path could not lead through them.
            foreach (var mount in mounts)
                view.TryCreateDirectories(Path.GetDirectoryName(mount.Destination) ?? "/");
        }
        return ContainerTree.Of(OpenMounted(key), mounts);
    }

    // Mounted for a moment where nobody looks, then only held by its descriptor: it goes with that, whatever becomes of this process.
    private DirectoryHandle OpenMounted(string key)
    {
        var mount = Mounts(key)[0];
        var place = Path.Combine(_images.Snapshots.DirectoryOf(key), MountedName);
        lock (_mounting)
        {
            Directory.CreateDirectory(place, OwnerOnly);
            using (var target = DirectoryHandle.Open(place))
                MountSpace.MountAt("overlay", "overlay", target.Descriptor, MountAttributes.None, string.Join(',', mount.Options ?? []));
            try
            {
                return DirectoryHandle.Open(place);
            }
            finally
            {
                MountSpace.Detach(place);
                Directory.Delete(place);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Describe(string key)
    {
        var directory = _images.Snapshots.DirectoryOf(key);
        return new Dictionary<string, string>
        {
            ["LowerDir"] = string.Join(':', Lower(key)),
            ["UpperDir"] = Path.Combine(directory, Upper),
            ["WorkDir"] = Path.Combine(directory, Work),
        };
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Describe(ImageRecord image)
    {
        var stack = _images.Layers.Stack([.. image.Layers.Select(layer => layer.ChainId)]);
        var facts = new Dictionary<string, string>();
        if (stack.Count > 1)
            facts["LowerDir"] = string.Join(':', stack.Skip(1));
        if (stack.Count > 0)
            facts["UpperDir"] = stack[0];
        return facts;
    }

    private IReadOnlyList<string> Lower(string key) => Below(Record(key).Layers);

    private IReadOnlyList<string> Below(IReadOnlyList<Digest> layers) => [.. _images.Layers.Stack(layers), _common];

    private SnapshotRecord Record(string key) =>
        _images.Snapshots.Find(key) ?? throw new StorageException(StorageError.NotFound, $"no such snapshot: '{key}'");

    // The root directory that shows is the upper one: it must look as the image's.
    private static void DressRoot(string upper, string lower)
    {
        using var target = DirectoryHandle.Open(upper);
        using var source = DirectoryHandle.Open(lower);
        TreeCopy.CopyMetadata(source, target);
    }

    // overlayfs takes ':' for a separator, ',' ends an option for mount(2), '\' escapes both.
    private static string Escape(string path)
    {
        if (path.AsSpan().IndexOfAny(':', ',', '\\') < 0)
            return path;
        var escaped = new StringBuilder();
        foreach (var c in path)
            _ = c is ':' or ',' or '\\' ? escaped.Append('\\').Append(c) : escaped.Append(c);
        return escaped.ToString();
    }
}
