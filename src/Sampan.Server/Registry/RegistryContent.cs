using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>What the handlers work on: the store, and for names that stand for other registries what is fetched from there.</summary>
/// <param name="Store">The store.</param>
/// <param name="Mirrors">The other registries.</param>
/// <param name="IsReadOnly">True if nothing may be pushed or deleted.</param>
/// <param name="AllowsDeletes">False if nothing may be deleted.</param>
/// <param name="Tell">The log.</param>
internal sealed record RegistryContent(RegistryStore Store, PullThrough? Mirrors, bool IsReadOnly, bool AllowsDeletes, RegistryLog Tell)
{
    internal async Task<IBlobContent?> OpenBlobAsync(RepositoryName name, ContentDigest digest, bool isHead, CancellationToken ct) =>
        Store.OpenBlob(name, digest, forPush: isHead && !IsReadOnly)
        ?? (Mirrors?.Find(name) is { } upstream ? await upstream.OpenBlobAsync(name, digest, isHead, ct).ConfigureAwait(false) : null);

    internal async Task<FoundManifest?> FindManifestAsync(RepositoryName name, ManifestReference reference, CancellationToken ct) =>
        Mirrors?.Find(name) is { } upstream ? await upstream.FindManifestAsync(name, reference, ct).ConfigureAwait(false) : Store.FindManifest(name, reference);

    internal async Task<Page?> ListTagsAsync(RepositoryName name, int count, string? last, CancellationToken ct)
    {
        if (Mirrors?.Find(name) is { } upstream)
            return await upstream.ListTagsAsync(name, count, last, ct).ConfigureAwait(false);
        return Store.HasRepository(name) ? Store.ListTags(name, count, last) : null;
    }

    internal async Task FetchReferrersAsync(RepositoryName name, ContentDigest subject, CancellationToken ct)
    {
        if (Mirrors?.Find(name) is { } upstream)
            await upstream.FetchReferrersAsync(name, subject, ct).ConfigureAwait(false);
    }

    /// <exception cref="RegistryRefusalException">Unsupported: nothing can be pushed there.</exception>
    internal void RequireWrites(RepositoryName name)
    {
        if (IsReadOnly)
            throw new RegistryRefusalException(RefusalCode.Unsupported, "this registry is read-only");
        if (Mirrors?.Find(name) is { } upstream)
            throw new RegistryRefusalException(RefusalCode.Unsupported, $"repository '{name}' is a copy of what '{upstream.Host}' has: push there");
    }

    /// <exception cref="RegistryRefusalException">Unsupported: nothing can be deleted there.</exception>
    internal void RequireDeletes(RepositoryName name)
    {
        RequireWrites(name);
        if (!AllowsDeletes)
            throw new RegistryRefusalException(RefusalCode.Unsupported, "this registry deletes nothing: its setting 'delete' is false");
    }
}
