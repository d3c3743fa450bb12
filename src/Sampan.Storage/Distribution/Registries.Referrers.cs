using Sampan.Oci.Images;

namespace Sampan.Storage.Distribution;

/// <summary>What is attached to images.</summary>
public sealed partial class Registries
{
    /// <summary>What is attached to an image at its registry: signatures, lists of parts, statements on how it was built.</summary>
    /// <param name="reference">The image; what its name points to counts, of an index the index.</param>
    /// <param name="artifactType">Only of this kind; null: all.</param>
    /// <param name="credentials">The user's, or null.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>What the name points to, the manifests that name it as their subject, and those that cosign keeps under its tags.</returns>
    /// <exception cref="RegistryException">It is not there, or not for this user.</exception>
    public async Task<(Descriptor Subject, IReadOnlyList<Descriptor> Referrers)> ReferrersAsync(ImageReference reference, string? artifactType, RegistryCredentials? credentials, CancellationToken ct)
    {
        var location = await LocateAsync(reference, credentials, ct);
        var subject = location.Document.Descriptor;
        var listed = await location.Client.ListReferrersAsync(subject.Digest, artifactType, ct);
        var tagged = (await location.Client.ListTaggedAsync(subject.Digest, ct)).Select(one => one.Document.Descriptor).Where(one => artifactType is null || one.ArtifactType == artifactType);
        return (subject, [.. listed, .. tagged]);
    }
}
