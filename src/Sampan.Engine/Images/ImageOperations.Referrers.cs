using Sampan.Oci.Images;
using Sampan.Storage.Images.Attachments;

namespace Sampan.Engine.Images;

/// <summary>What is attached to images: signatures, lists of parts, statements.</summary>
public sealed partial class ImageOperations
{
    /// <summary>What is attached to an image at its registry.</summary>
    /// <param name="name">The image.</param>
    /// <param name="artifactType">Only of this kind; null: all.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<(Descriptor Subject, IReadOnlyList<Descriptor> Referrers)> ReferrersAsync(string name, string? artifactType, RegistryLogin? login, CancellationToken ct)
    {
        var reference = Parse(name);
        return await Translate.RunAsync(() => Explained(reference, () => _parts.Registries.ReferrersAsync(reference, artifactType, CredentialsFor(reference, login), ct)));
    }

    /// <summary>What is here of what is attached to an image.</summary>
    /// <param name="name">The image.</param>
    /// <param name="artifactType">Only of this kind; null: all.</param>
    /// <returns>What the name stands for, and what is about it.</returns>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>: no image has that name.</exception>
    public (Descriptor? Subject, IReadOnlyList<Descriptor> Referrers) LocalReferrers(string name, string? artifactType)
    {
        var (subject, attached) = Translate.Run(() => _parts.Images.AttachedTo(Parse(name)));
        return (subject, [.. attached.Select(one => one.Manifest).Where(manifest => artifactType is null || manifest.ArtifactType == artifactType)]);
    }

    /// <summary>Fetches what is attached to an image that is here, or to all tags of a repository.</summary>
    /// <param name="name">The name; without tag and digest: all tags that are here.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="progress">Told each step, from many threads.</param>
    /// <param name="ct">Gives up; what was fetched stays for the next try.</param>
    /// <exception cref="EngineException">No image has that name; the registry refuses or fails.</exception>
    public Task PullReferrersAsync(string name, RegistryLogin? login, IProgress<TransferStep>? progress, CancellationToken ct) => EachAsync(
        name,
        progress,
        (reference, steps) => Explained(reference, () => _parts.Images.PullAttachedAsync(_parts.Registries, reference, CredentialsFor(reference, login), steps, ct)),
        "pulled");

    /// <summary>Sends what is here of what is attached to an image, or to all tags of a repository.</summary>
    /// <param name="name">The name; without a tag: all tags.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="progress">Told each step, from many threads.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException">No image has that name; the registry refuses or fails.</exception>
    public Task PushReferrersAsync(string name, RegistryLogin? login, IProgress<TransferStep>? progress, CancellationToken ct) => EachAsync(
        name,
        progress,
        (reference, steps) => _parts.Images.PushAttachedAsync(_parts.Registries, reference, CredentialsFor(reference, login), steps, ct),
        "pushed");

    private async Task EachAsync(string name, IProgress<TransferStep>? progress, Func<ImageReference, StepTranslation?, Task<IReadOnlyList<AttachedManifest>>> work, string done)
    {
        if (!ImageReference.TryParseExact(name, out var reference, out var error))
            throw EngineException.Invalid(error);
        var references = reference is { Tag: null, Digest: null } ? _parts.Images.TagsOf(reference) : [reference];
        if (references.Count == 0)
            throw EngineException.NotFound($"An image does not exist locally with the tag: {reference.FamiliarName}");
        var steps = progress is null ? null : new StepTranslation(progress);
        foreach (var one in references)
        {
            var moved = await Translate.RunAsync(() => work(one, steps));
            progress?.Report(new TransferStep(null, $"{one.Familiar}: {moved.Count} {(moved.Count == 1 ? "referrer" : "referrers")} {done}"));
        }
    }
}
