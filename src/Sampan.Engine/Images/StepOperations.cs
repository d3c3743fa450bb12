using Sampan.Engine.Devices;
using Sampan.Oci.Images;
using Sampan.Runtime.Observation;
using Sampan.Storage.Building;
using Sampan.Storage.Collection;
using Sampan.Storage.Images;

namespace Sampan.Engine.Images;

/// <summary>
/// What a builder does with images: files of its steps (see <see cref="ImageStore.StackAsync"/>), and images made of them. Every method throws
/// <see cref="EngineException"/> as the others of the engine do. Thread-safe.
/// </summary>
public sealed class StepOperations
{
    private readonly EngineParts _parts;

    internal StepOperations(EngineParts parts) => _parts = parts;

    /// <summary>Where the builder keeps what must survive a restart.</summary>
    public string DataDirectory => Path.Combine(_parts.Options.DataRoot, "build");

    /// <summary>Where the builder keeps what must not: a tmpfs.</summary>
    public string ExecDirectory => Path.Combine(_parts.Options.ExecRoot, "build");

    /// <summary>The clock.</summary>
    public TimeProvider Time => _parts.Time;

    /// <summary>An image or a step; null: there is none.</summary>
    /// <param name="referenceOrId">Which.</param>
    /// <param name="platform">Of those that the name leads to the one for this platform; null: this machine's.</param>
    public ImageRecord? Find(string referenceOrId, Platform? platform) => Translate.Run(() =>
        platform is null ? _parts.Images.Find(referenceOrId) : _parts.Images.Find(referenceOrId, platform));

    /// <summary>An image, which is not removed until what comes with it is disposed; null: there is none.</summary>
    /// <param name="referenceOrId">Which.</param>
    /// <param name="platform">As for <see cref="Find"/>.</param>
    public (ImageRecord Image, IDisposable Hold)? FindHeld(string referenceOrId, Platform? platform)
    {
        while (Find(referenceOrId, platform) is { IsStep: false } found)
        {
            var hold = _parts.Holds.Hold(found.Id.ToString());
            if (Find(found.Id.ToString(), null) is not null)
                return (found, hold);
            hold.Dispose();
        }
        return null;
    }

    /// <summary>Every step that is kept.</summary>
    public IReadOnlyList<ImageRecord> List() => _parts.Images.Steps();

    /// <summary>By a step's id: bytes on disk that neither an image has, nor a step with fewer layers; and whether an image has its topmost layer.</summary>
    public IReadOnlyDictionary<string, (long Own, bool IsShared)> OwnSizes()
    {
        var images = _parts.Images.List();
        var ofImages = images.Where(image => !image.IsStep).SelectMany(image => image.Layers).Select(layer => layer.ChainId).ToHashSet();
        // A layer, its blob, a step's own configuration and record; whose digest is whose does not matter, for each line counts once.
        var lines = Translate.Run(() => _parts.Images.Ledger(_ => false)).Where(line => line.Kind == LedgerKind.BuildCache).ToLookup(line => line.Id, line => line.Bytes, StringComparer.Ordinal);
        var counted = new HashSet<string>(StringComparer.Ordinal);
        var sizes = new Dictionary<string, (long, bool)>(StringComparer.Ordinal);
        foreach (var step in images.Where(image => image.IsStep).OrderBy(step => step.Layers.Count))
        {
            var parts = step.Layers.SelectMany(layer => new[] { layer.ChainId.ToString(), layer.Blob.Digest.ToString() }).Append(step.Id.ToString()).Append(step.Id.Hex + ".json");
            sizes[step.Id.ToString()] = (parts.Where(counted.Add).Sum(part => lines[part].Sum()), step.Layers is [.., var top] && ofImages.Contains(top.ChainId));
        }
        return sizes;
    }

    /// <summary>Keeps the files of an image or step, with one more layer if there is one.</summary>
    /// <param name="below">Null: nothing is below.</param>
    /// <param name="writeLayer">Writes a tar; null: no layer.</param>
    /// <param name="ct">Gives up.</param>
    public Task<ImageRecord> StackAsync(ImageRecord? below, Action<Stream>? writeLayer, CancellationToken ct) =>
        Translate.RunAsync(() => _parts.Images.StackAsync(below, Platform.Current.Normalize(), writeLayer, ct));

    /// <summary>Keeps the files of an image or step, with a draft on top.</summary>
    /// <param name="below">Null: nothing is below.</param>
    /// <param name="draft">The layer.</param>
    /// <param name="latest">Times after this become this; null: all stay.</param>
    /// <param name="ct">Gives up.</param>
    public Task<ImageRecord> StackDraftAsync(ImageRecord? below, LayerDraft draft, DateTimeOffset? latest, CancellationToken ct) =>
        Translate.RunAsync(() => _parts.Images.StackDraftAsync(below, Platform.Current.Normalize(), draft, latest, ct));

    /// <inheritdoc cref="ImageStore.SquashAsync"/>
    public Task<ImageRecord> SquashAsync(ImageRecord files, ImageRecord? below, CancellationToken ct) => Translate.RunAsync(() => _parts.Images.SquashAsync(files, below, ct));

    /// <summary>Keeps what a container of a step changed.</summary>
    /// <param name="below">The step.</param>
    /// <param name="containerId">The container; it does not run.</param>
    /// <param name="mounted">Where something was mounted in it: empty directories and files that were made for that do not count.</param>
    /// <param name="latest">Times after this become this; null: all stay.</param>
    /// <param name="ct">Gives up.</param>
    public Task<ImageRecord> CommitAsync(ImageRecord below, string containerId, IEnumerable<string> mounted, DateTimeOffset? latest, CancellationToken ct) => StackAsync(
        below,
        tar =>
        {
            using var difference = _parts.Snapshots.OpenDifference(containerId);
            difference.WriteTo(tar, ct, isExact: true, latest, mounted);
        },
        ct);

    /// <summary>Makes an image, and tells it.</summary>
    /// <param name="files">A step or an image; null: no files.</param>
    /// <param name="config">All but its layers.</param>
    /// <param name="names">What it is called.</param>
    /// <param name="annotations">What its manifest says besides.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<ImageRecord> ComposeAsync(ImageRecord? files, ImageConfig config, IReadOnlyList<ImageReference> names, IReadOnlyDictionary<string, string> annotations, CancellationToken ct)
    {
        var image = await Translate.RunAsync(() => _parts.Images.ComposeAsync(files, config, names, annotations, ct));
        foreach (var name in names)
            _parts.Events.Publish("image", "tag", image.Id.ToString(), new Dictionary<string, string> { ["name"] = name.Familiar });
        return image;
    }

    /// <summary>Makes an image whose files are data.</summary>
    /// <param name="parts">What.</param>
    /// <param name="name">Its name.</param>
    /// <param name="ct">Gives up.</param>
    public Task<ImageRecord> BundleAsync(IReadOnlyList<BundlePart> parts, ImageReference name, CancellationToken ct) =>
        Translate.RunAsync(() => _parts.Images.BundleAsync(parts, name, Time.GetUtcNow(), ct));

    /// <summary>A layer of an image as a plain tar.</summary>
    public Stream OpenLayer(ImageRecord image, int index) => Translate.Run(() => _parts.Images.OpenLayer(image, index));

    /// <summary>Lets a step go.</summary>
    public void Forget(ImageRecord step) => Translate.Run(() => _parts.Images.ForgetStep(step.Id));

    /// <summary>Begins a layer.</summary>
    /// <param name="below">What it is put on; null: nothing, or nothing that shall count.</param>
    /// <param name="now">The time of directories that are made on the way.</param>
    public LayerDraft Draft(ImageRecord? below, DateTimeOffset now) => Translate.Run(() => _parts.Images.Draft(below, now));

    /// <summary>What is at a path of an image, with all below it; null: nothing.</summary>
    public SourceEntry? Read(ImageRecord image, string path, CancellationToken ct) => Translate.Run(() =>
    {
        using var view = _parts.Images.TryOpenView(image);
        return view is null ? path.Trim('/').Length == 0 ? SourceTree.Empty().Root : null : view.Read(path, ct);
    });

    /// <summary>Writes a directory's content, or one file under its name, into an empty directory of the host, for a mount.</summary>
    public static void Unpack(SourceEntry source, string hostDirectory, CopyLooks looks, CancellationToken ct) => Translate.Run(() => Storage.Building.HostTree.Unpack(source, hostDirectory, looks, ct));

    /// <summary>Names of the devices that CDI files describe, as of now.</summary>
    public IReadOnlyList<string> Devices() => [.. CdiDirectory.Read(_parts.Options.CdiDirectories).Names.Select(name => name.ToString())];

    /// <summary>Whether a signal has this name or number.</summary>
    public static bool IsSignal(string text) => Containers.Processes.SignalName.TryParse(text, out _);

    /// <summary>The numbers of <c>user[:group]</c> as an image's account files have them.</summary>
    /// <param name="image">The image; null: one without files.</param>
    /// <param name="owner">Names or numbers; a user without a group gets its own, a number the same number's.</param>
    public (uint Uid, uint Gid) Owner(ImageRecord? image, string owner)
    {
        using var view = image is null ? null : Translate.Run(() => _parts.Images.TryOpenView(image));
        var passwd = view?.ReadFile("/etc/passwd", ContainerUsers.MaxFileBytes) ?? [];
        var group = view?.ReadFile("/etc/group", ContainerUsers.MaxFileBytes) ?? [];
        // "--chown=1000" is 1000:1000 to Docker, unlike "USER 1000".
        if (!owner.Contains(':') && uint.TryParse(owner, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _))
            owner = $"{owner}:{owner}";
        return ContainerUsers.TryResolve(owner, [], passwd, group, out var found, out _, out var reason)
            ? (found.Uid, found.Gid)
            : throw EngineException.Invalid($"invalid owner '{owner}': {reason}");
    }
}
