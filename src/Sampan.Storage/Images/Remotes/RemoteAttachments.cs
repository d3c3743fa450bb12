using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Attachments;
using Sampan.Storage.Images.Layouts;

namespace Sampan.Storage.Images.Remotes;

/// <summary>What is attached to manifests at a registry, and to that in turn: documents, read and checked, no blobs.</summary>
internal sealed class RemoteAttachments
{
    private readonly RegistryClient _client;
    private readonly ArchiveLimits _limits;
    private readonly CancellationToken _ct;
    private readonly HashSet<Digest> _seen = [];
    private readonly List<AttachedManifest> _found = [];
    private readonly List<RegistryDocument> _documents = [];
    private readonly List<Descriptor> _blobs = [];
    private readonly List<string> _leftOut = [];

    private RemoteAttachments(RegistryClient client, ArchiveLimits limits, CancellationToken ct) => (_client, _limits, _ct) = (client, limits, ct);

    internal IReadOnlyList<AttachedManifest> Found => _found;

    internal IReadOnlyList<RegistryDocument> Documents => _documents;

    /// <summary>All that the documents name.</summary>
    internal IReadOnlyList<Descriptor> Blobs => _blobs;

    /// <summary>What is listed and cannot be had, with the reason.</summary>
    internal IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>Asks a registry.</summary>
    /// <param name="client">The repository.</param>
    /// <param name="subjects">The manifests and indexes of the image.</param>
    /// <param name="limits">How much there may be.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="RegistryException">It refused, lied or sent too much.</exception>
    /// <exception cref="StorageException">There is too much, or it cannot be read.</exception>
    internal static async Task<RemoteAttachments> ReadAsync(RegistryClient client, IEnumerable<Digest> subjects, ArchiveLimits limits, CancellationToken ct)
    {
        var attachments = new RemoteAttachments(client, limits, ct);
        foreach (var subject in subjects)
        {
            await attachments.AboutAsync(subject, 1);
            foreach (var (tag, tagged) in await client.ListTaggedAsync(subject, ct))
                await attachments.AddAsync(tagged, tagged.Descriptor, subject, tag);
        }
        return attachments;
    }

    private async Task AboutAsync(Digest subject, int depth)
    {
        var listed = await _client.ListReferrersAsync(subject, null, _ct);
        if (listed.Count > 0 && depth > _limits.MaxIndexDepth)
            throw new StorageException(StorageError.InvalidInput, $"what is attached to '{subject}' is attached to something that is attached, more than {_limits.MaxIndexDepth} deep: refused");
        foreach (var referrer in listed)
        {
            RegistryDocument document;
            try
            {
                document = await RemoteImage.FetchAsync(_client, referrer, _limits, _ct);
            }
            catch (RegistryException absent) when (absent.Kind == StorageError.NotFound)
            {
                // Lists that clients keep themselves are not cleaned up by who deletes.
                _leftOut.Add($"Leaving out {referrer.Digest}: it is listed, and not there");
                continue;
            }
            if (SubjectOf(document) != subject)
                _leftOut.Add($"Leaving out {referrer.Digest}: it is listed, and not about {subject}");
            else if (await AddAsync(document, referrer, subject, null))
                await AboutAsync(referrer.Digest, depth + 1);
        }
    }

    // False: it is known already.
    private async Task<bool> AddAsync(RegistryDocument document, Descriptor listed, Digest subject, string? tag)
    {
        if (_seen.Contains(document.Descriptor.Digest))
            return false;
        var kind = await ReadAsync(document, 1);
        _found.Add(new AttachedManifest(document.Descriptor with { ArtifactType = listed.ArtifactType ?? kind, Annotations = listed.Annotations }, subject, tag));
        return true;
    }

    // The document, and if it is an index those in it; returns its kind.
    private async Task<string?> ReadAsync(RegistryDocument document, int depth)
    {
        if (!_seen.Add(document.Descriptor.Digest))
            return null;
        if (_seen.Count > _limits.MaxManifests)
            throw new StorageException(StorageError.InvalidInput, $"more than {_limits.MaxManifests} manifests are attached to the image: refused");
        var name = document.Descriptor.Digest.ToString();
        _documents.Add(document);
        if (!MediaTypes.IsIndex(document.Descriptor.MediaType))
        {
            var manifest = ArchiveDocuments.ParseManifest(document.Content, name);
            ArchiveDocuments.CheckBlobs(manifest, name, _limits);
            _blobs.AddRange(manifest.Layers.Prepend(manifest.Config));
            return RegistryClient.KindOf(manifest);
        }
        foreach (var part in RemoteImage.ReadIndex(document, name, depth, _limits).Manifests)
            await ReadAsync(await RemoteImage.FetchAsync(_client, part ?? throw ArchiveDocuments.Broken(name, "a manifest in it is null"), _limits, _ct), depth + 1);
        return null;
    }

    private static Digest? SubjectOf(RegistryDocument document)
    {
        var name = document.Descriptor.Digest.ToString();
        return MediaTypes.IsIndex(document.Descriptor.MediaType) ? ArchiveDocuments.ParseIndex(document.Content, name).Subject?.Digest : ArchiveDocuments.ParseManifest(document.Content, name).Subject?.Digest;
    }
}
