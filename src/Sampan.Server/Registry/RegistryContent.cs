using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>What the handlers work on.</summary>
/// <param name="Store">The store.</param>
/// <param name="IsReadOnly">True if nothing may be pushed or deleted.</param>
/// <param name="AllowsDeletes">False if nothing may be deleted.</param>
/// <param name="Tell">The log.</param>
internal sealed record RegistryContent(RegistryStore Store, bool IsReadOnly, bool AllowsDeletes, RegistryLog Tell)
{
    internal Task<IBlobContent?> OpenBlobAsync(RepositoryName name, ContentDigest digest, bool isHead, CancellationToken ct) =>
        Task.FromResult<IBlobContent?>(Store.OpenBlob(name, digest, forPush: isHead && !IsReadOnly));

    internal Task<FoundManifest?> FindManifestAsync(RepositoryName name, ManifestReference reference, CancellationToken ct) => Task.FromResult(Store.FindManifest(name, reference));

    internal Task<Page?> ListTagsAsync(RepositoryName name, int count, string? last, CancellationToken ct) => Task.FromResult(Store.HasRepository(name) ? Store.ListTags(name, count, last) : null);

    /// <exception cref="RegistryRefusalException">Unsupported: nothing can be pushed there.</exception>
    internal void RequireWrites(RepositoryName name)
    {
        if (IsReadOnly)
            throw new RegistryRefusalException(RefusalCode.Unsupported, $"this registry is read-only: nothing can be changed in '{name}'");
    }

    /// <exception cref="RegistryRefusalException">Unsupported: nothing can be deleted there.</exception>
    internal void RequireDeletes(RepositoryName name)
    {
        RequireWrites(name);
        if (!AllowsDeletes)
            throw new RegistryRefusalException(RefusalCode.Unsupported, "this registry deletes nothing: its setting 'delete' is false");
    }
}
