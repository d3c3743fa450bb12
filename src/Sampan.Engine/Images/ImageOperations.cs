using Sampan.Oci.Images;
using Sampan.Storage.Images;
using Sampan.Storage.Images.Changes;

namespace Sampan.Engine.Images;

/// <summary>
/// Everything that can be done to images. Images are named by reference, id or the beginning of an id; every method throws
/// <see cref="EngineException"/> with <see cref="ErrorKind.NotFound"/> when there is none. Thread-safe.
/// </summary>
public sealed partial class ImageOperations
{
    private readonly EngineParts _parts;

    internal ImageOperations(EngineParts parts) => _parts = parts;

    /// <summary>All images, youngest first; not those that only go along with another one, for their platform.</summary>
    public IReadOnlyList<ImageSnapshot> List() => [.. _parts.Images.List().Where(image => image.IsListed).Select(Of)];

    /// <summary>By id, how many bytes of an image's files are in layers that other images have too.</summary>
    public IReadOnlyDictionary<string, long> SharedSizes()
    {
        var images = _parts.Images.List();
        var users = images.SelectMany(image => image.Layers.Select(layer => layer.ChainId).Distinct()).GroupBy(layer => layer).ToDictionary(layer => layer.Key, layer => layer.Count());
        return images.ToDictionary(image => image.Id.ToString(), image => image.Layers.Where(layer => users[layer.ChainId] > 1).Sum(layer => layer.Size), StringComparer.Ordinal);
    }

    /// <summary>All that is known of an image.</summary>
    /// <param name="referenceOrId">Which.</param>
    /// <param name="platform">Of those that the name leads to the one for this platform; null: this machine's.</param>
    public ImageSnapshot Get(string referenceOrId, Platform? platform = null) => Of(Find(referenceOrId, platform));

    /// <summary>The same; null: there is none.</summary>
    /// <param name="referenceOrId">Which.</param>
    public ImageSnapshot? TryGet(string referenceOrId) => Translate.Run(() => _parts.Images.Find(referenceOrId)) is { } image ? Of(image) : null;

    /// <summary>The storage driver and its facts about an image, for inspect: the directories of its layers.</summary>
    /// <param name="imageId">Its id.</param>
    public (string Driver, IReadOnlyDictionary<string, string> Facts) Storage(string imageId)
    {
        var image = Find(imageId);
        return (_parts.Snapshots.Driver, Translate.Run(() => _parts.Snapshots.Describe(image)));
    }

    /// <summary>How the image came about, the last step first.</summary>
    /// <param name="referenceOrId">Which.</param>
    /// <param name="platform">As for <see cref="Get"/>.</param>
    public IReadOnlyList<ImageStep> History(string referenceOrId, Platform? platform = null) => Translate.Run<IReadOnlyList<ImageStep>>(() => [.. _parts.Images.History(platform is null ? referenceOrId : Find(referenceOrId, platform).Id.ToString()).Select(line => new ImageStep
    {
        Id = line.Id?.ToString(),
        Created = line.Step.Created,
        CreatedBy = line.Step.CreatedBy ?? "",
        Comment = line.Step.Comment ?? "",
        Size = line.Size,
        Tags = line.Tags,
    })]);

    /// <summary>Takes the images of an archive that <c>docker save</c> made, or of an OCI layout.</summary>
    /// <param name="archive">A tar, plain or compressed.</param>
    /// <param name="platforms">Only the images for these platforms; empty: all.</param>
    /// <param name="progress">Told what is being done, for people; null: nobody.</param>
    /// <param name="ct">Gives up; nothing half-made stays.</param>
    /// <returns>Docker's lines: <c>Loaded image: name</c>.</returns>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: the archive is damaged or no image archive.</exception>
    public async Task<IReadOnlyList<string>> LoadAsync(Stream archive, IReadOnlyList<Platform> platforms, IProgress<string>? progress, CancellationToken ct)
    {
        var loaded = await Translate.ReadingAsync(() => _parts.Images.LoadAsync(archive, platforms, progress, ct));
        var lines = new List<string>();
        foreach (var (image, names) in loaded)
        {
            Publish(image, "load");
            if (names.Count == 0)
                lines.Add($"Loaded image ID: {image.Id}");
            lines.AddRange(names.Select(name => $"Loaded image: {name.Familiar}"));
        }

        return lines;
    }

    /// <summary>Makes an image of a tar of a root filesystem.</summary>
    /// <param name="tar">A tar, plain or compressed.</param>
    /// <param name="options">Name and configuration.</param>
    /// <param name="ct">Gives up; nothing half-made stays.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: name, changes, platform or tar.</exception>
    public async Task<ImageSnapshot> ImportAsync(Stream tar, ImageImportOptions options, CancellationToken ct)
    {
        Platform? platform = null;
        if (options.Platform is { Length: > 0 } text && !Platform.TryParse(text, out platform))
            throw EngineException.Invalid($"invalid platform '{text}': expected os/architecture[/variant]");
        var import = new ImageImport
        {
            Name = options.Reference is { Length: > 0 } name ? Parse(name) : null,
            Changes = options.Changes,
            Message = options.Message,
            Platform = platform,
        };
        var image = await Translate.ReadingAsync(() => _parts.Images.ImportAsync(tar, import, ct));
        Publish(image, "import");
        return Of(image);
    }

    /// <summary>The names that an archive of it would have: a repository without a tag means all its tags, anything else itself.</summary>
    public IReadOnlyList<string> NamesMeantBy(string name) =>
        ImageReference.TryParseExact(name, out var exact, out _) && exact is { Tag: null, Digest: null } && _parts.Images.TagsOf(exact) is { Count: > 0 } tags ? [.. tags.Select(tag => tag.ToString())] : [name];

    /// <summary>Writes images as an archive that <see cref="LoadAsync"/> takes.</summary>
    /// <param name="names">Which.</param>
    /// <param name="platforms">Only the images for these platforms; empty: all that the names stand for and that is here.</param>
    /// <param name="output">Gets a tar.</param>
    /// <param name="ct">Gives up.</param>
    public async Task SaveAsync(IReadOnlyList<string> names, IReadOnlyList<Platform> platforms, Stream output, CancellationToken ct)
    {
        await Translate.RunAsync(() => _parts.Images.SaveAsync(names, platforms, output, ct));
        // One that was removed meanwhile was saved none the less.
        foreach (var image in names.SelectMany(NamesMeantBy).Select(_parts.Images.Find).OfType<ImageRecord>().DistinctBy(image => image.Id))
            Publish(image, "save");
    }

    /// <summary>Gives an image another name.</summary>
    /// <param name="source">Which.</param>
    /// <param name="target">The new name; without a tag, <c>latest</c>.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: the target is no name.</exception>
    public void Tag(string source, string target)
    {
        var reference = Parse(target);
        if (reference.FamiliarName is "sha256" or "sha512")
            throw EngineException.Invalid("refusing to create an ambiguous tag using digest algorithm as name");
        var image = Translate.Run(() => _parts.Images.Tag(source, reference));
        _parts.Events.Publish("image", "tag", image.Id.ToString(), new Dictionary<string, string> { ["name"] = reference.Familiar });
    }

    /// <summary>Removes a name, and the image with its last one.</summary>
    /// <param name="referenceOrId">Which.</param>
    /// <param name="force">Also when a stopped container uses it, or an id has several names.</param>
    /// <param name="noPrune">Parents without a name stay.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: a container uses it.</exception>
    /// <param name="platforms">Only the images for these, of those that the name leads to; empty: all of it.</param>
    public IReadOnlyList<ImageRemoval> Remove(string referenceOrId, bool force, bool noPrune, IReadOnlyList<Platform>? platforms = null) =>
        Told(Translate.Run(() => platforms is { Count: > 0 } ? _parts.Images.RemovePlatforms(referenceOrId, platforms, force, UsedBy) : _parts.Images.Remove(referenceOrId, force, noPrune, UsedBy)));

    // All names go, but not if a container was made from it meanwhile, running or not.
    private IReadOnlyList<ImageRemoval> RemoveUnused(string id) =>
        Told(Translate.Run(() => _parts.Images.Remove(id, force: true, noPrune: false, image => UsedBy(image) is { } use ? use with { Running = true } : null)));

    private IReadOnlyList<ImageRemoval> Told(Storage.Images.ImageRemoval done)
    {
        foreach (var name in done.Untagged)
            _parts.Events.Publish("image", "untag", done.ImageId.ToString(), new Dictionary<string, string> { ["name"] = name });
        if (done.Deleted.Contains(done.ImageId.ToString()))
            _parts.Events.Publish("image", "delete", done.ImageId.ToString(), new Dictionary<string, string> { ["name"] = done.ImageId.ToString() });
        return [.. done.Untagged.Select(name => new ImageRemoval(name, null)), .. done.Deleted.Select(id => new ImageRemoval(null, id))];
    }

    /// <summary>Removes images that no container uses, and what interrupted pulls left.</summary>
    /// <param name="which">Which of them.</param>
    public ImagesPruned Prune(Func<ImageSnapshot, bool> which)
    {
        var removals = new List<ImageRemoval>();
        var before = Translate.Run(BytesOnDisk);
        foreach (var image in _parts.Images.List().Where(i => i.IsListed && UsedBy(i) is null && which(Of(i))).ToList())
        {
            try
            {
                removals.AddRange(RemoveUnused(image.Id.ToString()));
            }
            catch (EngineException busy) when (busy.Kind is ErrorKind.Conflict or ErrorKind.NotFound)
            {
                // Another image is made from it, or an earlier removal took it along.
            }
        }

        _ = Translate.Run(_parts.Images.DropPartialDownloads);
        var reclaimed = Math.Max(0, before - Translate.Run(BytesOnDisk));
        _parts.Events.Pruned("image", reclaimed);
        return new ImagesPruned(removals, reclaimed);
    }

    private long BytesOnDisk() => _parts.Images.Ledger(_ => false).Sum(line => line.Bytes);

    /// <summary>How many containers were made from an image.</summary>
    /// <param name="imageId">Its id, <c>sha256:…</c>.</param>
    public int ContainersUsing(string imageId) => _parts.Registry.All.Count(c => c.Current.ImageId == imageId);

    private ImageRecord Find(string referenceOrId, Platform? platform)
    {
        var image = Find(referenceOrId);
        return platform is null ? image : Translate.Run(() => _parts.Images.Find(referenceOrId, platform))
            ?? throw EngineException.NotFound($"image with reference {referenceOrId} was found but does not provide the specified platform ({platform})");
    }

    private ImageRecord Find(string referenceOrId) =>
        Translate.Run(() => _parts.Images.Find(referenceOrId)) ?? throw Unknown(referenceOrId);

    private ImageUse? UsedBy(ImageRecord image)
    {
        // What its names lead to goes together.
        var ids = image.Siblings.Prepend(image.Id).Select(id => id.ToString()).ToList();
        var users = _parts.Registry.All.Select(c => c.Current).Where(c => ids.Contains(c.ImageId)).ToList();
        if (ids.Select(_parts.Registry.CreationOf).FirstOrDefault(creation => creation is not null) is { } creating)
            return new ImageUse(creating, Running: true);
        if (ids.Exists(_parts.Holds.Has))
            return new ImageUse(ContainerId: null, Running: true);
        return users.Find(c => c.IsRunning) is { } running ? new ImageUse(running.Id, Running: true)
            : users.Count > 0 ? new ImageUse(users[0].Id, Running: false) : null;
    }

    /// <summary>There is no such image, or there can be none of that name.</summary>
    internal static EngineException Unknown(string name) =>
        ImageReference.TryParse(name, out var reference, out var error) ? EngineException.NotFound($"No such image: {reference.Familiar}")
            : error.StartsWith("invalid reference format", StringComparison.Ordinal) ? EngineException.Invalid(error) : EngineException.NotFound($"No such image: {name}");

    private static ImageReference Parse(string name) =>
        ImageReference.TryParse(name, out var reference, out var error) ? reference : throw EngineException.Invalid($"{error}");

    private void Publish(ImageRecord image, string action) =>
        _parts.Events.Publish("image", action, image.Id.ToString(), new Dictionary<string, string> { ["name"] = image.RepoTags.Count > 0 ? image.RepoTags[0].Familiar : image.Id.ToString() });

    private static ImageSnapshot Of(ImageRecord image) => new()
    {
        Id = image.Id.ToString(),
        Config = image.Config,
        RepoTags = [.. image.RepoTags.Select(r => r.Familiar)],
        RepoDigests = [.. image.RepoDigests.Select(r => r.Familiar)],
        Size = image.Size,
        Created = image.Created,
        DiffIds = [.. image.DiffIds.Select(d => d.ToString())],
        ParentId = image.Parent?.ToString(),
        LastTagged = image.LastTagged,
        Descriptor = image.Indexes.Count > 0 ? image.Indexes[0] : image.Manifest,
        Manifest = image.Manifest is { } manifest ? manifest with { Platform = manifest.Platform ?? image.Config.Platform } : null,
    };
}
