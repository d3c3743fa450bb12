using System.Net;
using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Storage.Images.Layouts;

namespace Sampan.Storage.Distribution;

/// <summary>
/// What is attached to a manifest: signatures, lists of parts, statements
/// (<see href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers">distribution-spec, listing referrers</see>).
/// </summary>
internal sealed partial class RegistryClient
{
    private const int MaxReferrerPages = 100;
    private const string SubjectHeader = "OCI-Subject";

    // cosign's, of before there were lists of referrers and still what it does by itself.
    private static readonly string[] s_tagSuffixes = ["sig", "att", "sbom"];

    /// <summary>The manifests that name <paramref name="subject"/> as what they are about.</summary>
    /// <param name="subject">The digest of a manifest or index.</param>
    /// <param name="artifactType">Only of this kind; null: all.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="RegistryException">The registry refused, or answered nonsense.</exception>
    internal async Task<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, string? artifactType, CancellationToken ct)
    {
        var found = new List<Descriptor>();
        Uri? page = Endpoint.Of($"referrers/{subject}{(artifactType is null ? "" : "?artifactType=" + Uri.EscapeDataString(artifactType))}");
        for (var count = 0; page is not null; count++)
        {
            if (count == MaxReferrerPages || found.Count > limits.MaxManifests)
                throw new RegistryException(StorageError.InvalidInput, $"registry '{Endpoint.Host}' lists more than {limits.MaxManifests} referrers of '{subject}': refused");
            var at = page;
            var (isThere, next) = await Retry.RunAsync(() => ReferrersAsync(at, found, ct), progressed: null, ct);
            // A registry of before version 1.1: clients keep the list themselves, under a tag.
            if (!isThere)
                found.AddRange(await TaggedReferrersAsync(subject, ct));
            page = next;
        }
        // The filter is a registry's to apply or not.
        return [.. found.Where(referrer => artifactType is null || referrer.ArtifactType == artifactType).DistinctBy(referrer => referrer.Digest)];
    }

    private async Task<(bool IsThere, Uri? Next)> ReferrersAsync(Uri page, List<Descriptor> found, CancellationToken ct)
    {
        using var guard = session.Guard(ct);
        using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, page), PullScope, guard);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return (false, null);
        if (!answer.IsSuccessStatusCode)
            throw await session.RefusalAsync(answer, guard);
        var content = await GuardedAsync(guard, () => RegistrySession.ReadAsync(answer, limits.MaxDocumentBytes, Endpoint.Host, guard));
        found.AddRange(ReadReferrers(content));
        return (true, answer.Headers.TryGetValues("Link", out var links) ? NextPage(page, links.First(), Endpoint.Host) : null);
    }

    private async Task<IReadOnlyList<Descriptor>> TaggedReferrersAsync(Digest subject, CancellationToken ct)
    {
        return await TryGetManifestAsync(TagOf(subject), ct) is { } document && MediaTypes.IsIndex(document.Descriptor.MediaType) ? ReadReferrers(document.Content) : [];
    }

    /// <summary>What is about a manifest by its tag alone: signatures, statements and lists of parts as cosign keeps them.</summary>
    internal async Task<IReadOnlyList<(string Tag, RegistryDocument Document)>> ListTaggedAsync(Digest subject, CancellationToken ct)
    {
        var found = new List<(string, RegistryDocument)>();
        foreach (var tag in s_tagSuffixes.Select(suffix => $"{TagOf(subject)}.{suffix}"))
        {
            if (await TryGetManifestAsync(tag, ct) is not { } document)
                continue;
            var kind = MediaTypes.IsIndex(document.Descriptor.MediaType) ? null : KindOf(ArchiveDocuments.ParseManifest(document.Content, tag));
            found.Add((tag, document with { Descriptor = document.Descriptor with { ArtifactType = kind } }));
        }
        return found;
    }

    /// <summary>What kind of thing a manifest describes: what it says; else its configuration's type, or if that is an image's, as cosign has it, that of its content.</summary>
    internal static string? KindOf(ImageManifest manifest) =>
        manifest.ArtifactType ?? (MediaTypes.IsConfig(manifest.Config.MediaType) && manifest.Layers is [{ } content, ..] ? content.MediaType : manifest.Config.MediaType);

    /// <summary>What a tag points to; null: it is not there.</summary>
    internal async Task<RegistryDocument?> TryGetManifestAsync(string tag, CancellationToken ct)
    {
        try
        {
            return await GetManifestAsync(tag, null, patient: true, ct);
        }
        catch (RegistryException absent) when (absent.Kind == StorageError.NotFound)
        {
            return null;
        }
    }

    // The registry does not keep the list: it is read, extended and written back, as the specification has it for clients.
    private async Task AddReferrerAsync(Digest subject, ImageManifest manifest, RegistryDocument document, CancellationToken ct)
    {
        var known = await TaggedReferrersAsync(subject, ct);
        if (known.Any(referrer => referrer.Digest == document.Descriptor.Digest))
            return;
        var added = document.Descriptor with { ArtifactType = manifest.ArtifactType ?? manifest.Config.MediaType, Annotations = manifest.Annotations };
        var index = new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.OciIndex, Manifests = [.. known, added] };
        var content = JsonSerializer.SerializeToUtf8Bytes(index, OciImageJson.Plain.ImageIndex);
        await PutManifestAsync(TagOf(subject), new RegistryDocument(new Descriptor { MediaType = MediaTypes.OciIndex, Digest = Digest.Of(content), Size = content.Length }, content), ct);
    }

    /// <summary>What a manifest to be sent is about, if it is about another one.</summary>
    private static (Digest Subject, ImageManifest Manifest)? SubjectOf(RegistryDocument document)
    {
        if (!MediaTypes.IsManifest(document.Descriptor.MediaType) || document.Content.AsSpan().IndexOf("\"subject\""u8) < 0)
            return null;
        var manifest = ArchiveDocuments.ParseManifest(document.Content, document.Descriptor.Digest.ToString());
        return manifest.Subject is { } subject ? (subject.Digest, manifest) : null;
    }

    /// <summary>The tag under which clients keep what is about a manifest where the registry does not.</summary>
    internal static string TagOf(Digest subject) => $"sha256-{subject.Hex}";

    // CVE-2026-95839: a digest that is none, or a null among them, is told, not thrown through.
    private List<Descriptor> ReadReferrers(byte[] content)
    {
        try
        {
            return [.. ArchiveDocuments.ParseIndex(content, "list of referrers").Manifests.OfType<Descriptor>()];
        }
        catch (StorageException broken)
        {
            throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' answered no index where its list of referrers should be: {broken.Message}", broken);
        }
    }
}
