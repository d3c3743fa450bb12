using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Storage.Building;
using Sampan.Storage.Images.Layers;
using Sampan.Storage.Images.Layouts;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images;

/// <summary>
/// Files of a build's steps. A step's result is an image without a configuration, which is in no list: a container can be made of it as of any
/// image, its layers are shared with what is built of it, and it keeps them from being collected as long as the builder wants. Two steps
/// that have the same layers are one.
/// </summary>
public sealed partial class ImageStore
{
    /// <summary>Keeps layers, and one more on top of them.</summary>
    /// <param name="below">An image or an earlier step; null: nothing.</param>
    /// <param name="platform">What it is for, if nothing is below.</param>
    /// <param name="writeLayer">Writes the new layer's tar; null: there is none. A layer with nothing in it is left out.</param>
    /// <param name="ct">Cancels until the step is written.</param>
    /// <exception cref="StorageException">NotFound: what is below was removed. InvalidInput: too many layers.</exception>
    public Task<ImageRecord> StackAsync(ImageRecord? below, Platform platform, Action<Stream>? writeLayer, CancellationToken ct) =>
        StackWithAsync(below, platform, writeLayer is null ? null : (parent, ahead) => IngestLayer(writeLayer, parent, ahead, ct), ct);

    /// <summary>Keeps layers, and a draft on top of them.</summary>
    /// <param name="below">An image or an earlier step; null: nothing.</param>
    /// <param name="platform">What it is for, if nothing is below.</param>
    /// <param name="draft">The new layer; one without changes is left out.</param>
    /// <param name="latest">Times after this become this; null: all stay.</param>
    /// <param name="ct">Cancels until the step is written.</param>
    /// <exception cref="StorageException">NotFound: what is below was removed. InvalidInput: too many layers.</exception>
    public Task<ImageRecord> StackDraftAsync(ImageRecord? below, Platform platform, LayerDraft draft, DateTimeOffset? latest, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return StackWithAsync(below, platform, !draft.HasChanges ? null : (parent, ahead) => IngestDraft(draft, latest, parent, ahead, ct), ct);
    }

    private async Task<ImageRecord> StackWithAsync(ImageRecord? below, Platform platform, Func<ImageRecord?, LayersAhead, Descriptor>? ingest, CancellationToken ct)
    {
        try
        {
            using var writing = new Writing(this);
            var parent = below is null ? null : Find(below.Id.ToString()) ?? throw NoSuchImage(below.Id.ToString());
            using var ahead = new LayersAhead(Layers);
            var layer = ingest is null ? null : await Task.Run(() => ingest(parent, ahead), CancellationToken.None);
            ct.ThrowIfCancellationRequested();
            layer = layer?.Digest == s_emptyTar ? null : layer;
            platform = parent?.Config.Platform ?? platform;
            var config = new ImageConfig
            {
                Architecture = platform.Architecture,
                Os = platform.Os,
                OsVersion = platform.OsVersion,
                Variant = platform.Variant,
                RootFs = new RootFileSystem { Type = "layers", DiffIds = [.. parent?.DiffIds ?? [], .. layer is null ? Array.Empty<Digest>() : [layer.Digest]] },
            };
            if (config.RootFs.DiffIds.Count > _limits.MaxLayers)
                throw new StorageException(StorageError.InvalidInput, $"the image would have {config.RootFs.DiffIds.Count} layers, more than the {_limits.MaxLayers} that can be stacked");
            var image = new ArchivedImage
            {
                Id = _content.Put(JsonSerializer.SerializeToUtf8Bytes(config, OciImageJson.Plain.ImageConfig)),
                Config = config,
                Layers = [.. parent?.Layers.Select(l => l.Blob) ?? [], .. layer is null ? Array.Empty<Descriptor>() : [layer]],
                IsStep = true,
            };
            if (Find(image.Id.ToString()) is { IsStep: true } known)
                return known;
            await UnpackAsync(image, null, ct, ahead);
            return Commit([image], null)[0].Image;
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
    }

    /// <summary>Keeps the same files with one layer in place of those that some image or step below has not.</summary>
    /// <param name="files">What is to be squashed.</param>
    /// <param name="below">Its lowest layers; null: it has none that stay.</param>
    /// <param name="ct">Gives up.</param>
    public Task<ImageRecord> SquashAsync(ImageRecord files, ImageRecord? below, CancellationToken ct) => StackAsync(
        below,
        files.Config.Platform,
        tar =>
        {
            using var with = MergedDirectory.OpenRoot(Layers.Stack([.. files.Layers.Select(layer => layer.ChainId)]), Layers.Style);
            using var without = below is { Layers.Count: > 0 } ? MergedDirectory.OpenRoot(Layers.Stack([.. below.Layers.Select(layer => layer.ChainId)]), Layers.Style) : null;
            LayerMerge.Write(with, without, tar, ct);
        },
        ct);

    /// <summary>Makes an image of a step's files and a configuration.</summary>
    /// <param name="files">A step or an image; null: no files.</param>
    /// <param name="config">All but its layers.</param>
    /// <param name="names">What it is called from now on; others lose these names.</param>
    /// <param name="annotations">What its manifest says besides, when it is pushed or saved.</param>
    /// <param name="ct">Cancels until the image is written.</param>
    public async Task<ImageRecord> ComposeAsync(ImageRecord? files, ImageConfig config, IReadOnlyList<ImageReference> names, IReadOnlyDictionary<string, string> annotations, CancellationToken ct)
    {
        try
        {
            using var writing = new Writing(this);
            var parent = files is null ? null : Find(files.Id.ToString()) ?? throw NoSuchImage(files.Id.ToString());
            config = config with { RootFs = new RootFileSystem { Type = "layers", DiffIds = parent?.DiffIds ?? [] } };
            var document = JsonSerializer.SerializeToUtf8Bytes(config, OciImageJson.Plain.ImageConfig);
            var id = Digest.Of(document);
            // A build from the cache.
            var isKnown = Find(id.ToString()) is not null && _content.Contains(id);
            var image = new ArchivedImage
            {
                Id = isKnown ? id : _content.Put(document),
                Config = config,
                Layers = [.. parent?.Layers.Select(layer => layer.Blob) ?? []],
                Names = names,
                Annotations = annotations,
            };
            await UnpackAsync(image, null, ct);
            return Commit([image], null)[0].Image;
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
    }

    /// <summary>Begins a layer on top of an image's or a step's files.</summary>
    /// <param name="below">Null: nothing is below, or nothing shall count.</param>
    /// <param name="now">The time of directories that are made on the way.</param>
    public LayerDraft Draft(ImageRecord? below, DateTimeOffset now) => new(below is { Layers.Count: > 0 } ? OpenView(below) : null, now);

    /// <summary>Looks at an image's files; null: it has none.</summary>
    public RootView? TryOpenView(ImageRecord image) => image.Layers.Count == 0 ? null : OpenView(image);

    /// <summary>Lets a step go. Its layers go with it unless something else has them. Nothing happens if it is not there, or an image.</summary>
    public void ForgetStep(Digest id)
    {
        lock (_gate)
        {
            if (_images.GetValueOrDefault(id) is not { Stored.IsStep: true })
                return;
            Erase(id);
            Collect();
        }
        Layers.Sweep();
    }

    /// <summary>Every step that is kept.</summary>
    public IReadOnlyList<ImageRecord> Steps() => [.. List().Where(image => image.IsStep)];

    // The files are made of the draft itself while its tar is written: nothing is read back.
    private Descriptor IngestDraft(LayerDraft draft, DateTimeOffset? latest, ImageRecord? below, LayersAhead ahead, CancellationToken ct)
    {
        if (!draft.CanUnpack(_limits))
            return IngestLayer(tar => draft.WriteTo(tar, latest, ct), below, ahead, ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var unpacking = Task.Factory.StartNew(
            () => Layers.Fill(root => (draft.UnpackTo(root, latest, stop.Token), null)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        UnpackedTree? taken = null;
        try
        {
            using var ingest = _content.Begin(isReadSoon: false);
            using (var buffered = new BufferedStream(new IngestStream(ingest.Write), 256 * 1024))
                draft.WriteTo(buffered, latest, ct);
            var tree = unpacking.GetAwaiter().GetResult();
            var digest = ingest.Commit();
            ahead.Add(below is { Layers: [.., var top] } ? top.ChainId : null, digest, taken = tree);
            return new Descriptor { MediaType = MediaTypes.OciLayer, Digest = digest, Size = ingest.Length };
        }
        finally
        {
            stop.Cancel();
            Conclude(unpacking, taken is not null);
        }
    }

    private RootView OpenView(ImageRecord image) => new(Layers.Stack([.. image.Layers.Select(layer => layer.ChainId)]), null, Layers.Style);
}
