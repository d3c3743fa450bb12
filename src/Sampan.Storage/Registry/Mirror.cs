using Sampan.Storage.Distribution;

namespace Sampan.Storage.Registry;

/// <summary>
/// Names of ours that stand for another registry's. What stands under a digest is fetched once; a tag is believed for a while, then asked
/// for again, and still believed while the other registry cannot be reached. Thread-safe.
/// </summary>
public sealed class Mirror
{
    private readonly RegistryStore _store;
    private readonly MirrorOptions _options;
    private readonly MirrorClients _clients;
    private readonly TimeProvider _time;
    private readonly Action<string> _tell;
    private readonly CancellationToken _stop;

    // Guards the fetches that are going on.
    private readonly Lock _gate = new();
    private readonly Dictionary<(RepositoryName Name, ContentDigest Digest), BlobFill> _fills = [];

    internal Mirror(RegistryStore store, MirrorOptions options, MirrorClients clients, TimeProvider time, Action<string> tell, CancellationToken stop) =>
        (_store, _options, _clients, _time, _tell, _stop) = (store, options, clients, time, tell, stop);

    /// <summary>The other registry's host.</summary>
    public string Host => _options.Upstream.Authority;

    /// <summary>Finds a manifest: here if it is a digest or a tag that is young enough, else there.</summary>
    /// <returns>Null: it is not there.</returns>
    /// <exception cref="RegistryRefusalException">Unavailable or Denied: the other registry cannot be reached, or says no.</exception>
    public async Task<FoundManifest?> FindManifestAsync(RepositoryName name, ManifestReference reference, CancellationToken ct)
    {
        var local = _store.FindManifest(name, reference);
        if (local is not null && (reference.Tag is not { } known || IsYoung(name, known)))
            return local;
        try
        {
            var client = _clients.Of(name);
            if (local is not null && reference.Tag is { } tag && (await client.FindManifestAsync(tag, ct))?.ToString() == local.Digest.ToString())
            {
                _store.ConfirmTag(name, tag);
                return local;
            }
            return await FetchManifestAsync(client, name, reference, ct);
        }
        catch (RegistryException gone) when (gone.Kind == StorageError.NotFound)
        {
            if (reference.Tag is { } tag)
                _store.DeleteTag(name, tag);
            return null;
        }
        catch (RegistryException down) when (down.Kind == StorageError.Unavailable && local is not null)
        {
            _tell($"{down.Message}: '{name}:{reference}' is what it was");
            return local;
        }
        catch (RegistryException failure)
        {
            throw Refusal(failure);
        }
    }

    // Younger than its life; one from the future was fetched before the clock was set back.
    private bool IsYoung(RepositoryName name, string tag) => (_time.GetUtcNow() - _store.TagTime(name, tag)).Duration() < _options.TagLife;

    /// <summary>Opens a blob that is not here yet: its bytes come as they arrive, for all who ask for it at the same time.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="digest">The blob.</param>
    /// <param name="isHead">True if only its size is wanted: then nothing is fetched.</param>
    /// <param name="ct">Gives up waiting; the fetch goes on.</param>
    /// <returns>Null: it is not there.</returns>
    /// <exception cref="RegistryRefusalException">Unavailable or Denied: as above.</exception>
    public async Task<IBlobContent?> OpenBlobAsync(RepositoryName name, ContentDigest digest, bool isHead, CancellationToken ct)
    {
        try
        {
            if (isHead || _store.HasBytes(digest))
            {
                var (isThere, size) = await _clients.Of(name).FindBlobAsync(digest.ToString(), ct);
                if (!isThere)
                    return null;
                // Another repository has it: this one may have it, too.
                if (_store.TryLinkFetched(name, digest))
                    return _store.OpenBlob(name, digest, forPush: false);
                if (isHead)
                    return new RemoteBlob(digest, size);
            }
            return await Fill(name, digest).OpenAsync(ct);
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
        catch (RegistryException gone) when (gone.Kind == StorageError.NotFound)
        {
            return null;
        }
        catch (RegistryException failure)
        {
            throw Refusal(failure);
        }
    }

    /// <summary>The tags, as the other registry has them; those that are here while it cannot be reached.</summary>
    /// <returns>Null: there is no such repository.</returns>
    /// <exception cref="RegistryRefusalException">Unavailable or Denied: as above.</exception>
    public async Task<Page?> ListTagsAsync(RepositoryName name, int count, string? last, CancellationToken ct)
    {
        try
        {
            return RegistryStore.PageOf((await _clients.Of(name).ListTagsAsync(ct)).Where(ManifestReference.IsTag), count, last);
        }
        catch (RegistryException gone) when (gone.Kind == StorageError.NotFound)
        {
            return null;
        }
        catch (RegistryException down) when (down.Kind == StorageError.Unavailable && _store.HasRepository(name))
        {
            _tell($"{down.Message}: the tags of '{name}' are those that were pulled");
            return _store.ListTags(name, count, last);
        }
        catch (RegistryException failure)
        {
            throw Refusal(failure);
        }
    }

    /// <summary>Fetches what is about a manifest, so that it can be listed.</summary>
    public async Task FetchReferrersAsync(RepositoryName name, ContentDigest subject, CancellationToken ct)
    {
        try
        {
            var client = _clients.Of(name);
            foreach (var text in await client.FindReferrersAsync(subject.ToString(), ct))
            {
                if (ContentDigest.TryParse(text, out var digest) && ManifestReference.Of(digest) is var reference && _store.FindManifest(name, reference) is null)
                    await FetchManifestAsync(client, name, reference, ct);
            }
        }
        catch (RegistryException failure)
        {
            _tell($"{failure.Message}: what is about '{subject}' is what was pulled");
        }
    }

    internal bool Covers(RepositoryName name) => _options.Prefix.Length == 0 || name.Text.StartsWith(_options.Prefix + "/", StringComparison.Ordinal);

    internal async Task EndAsync()
    {
        List<BlobFill> fills;
        lock (_gate)
            fills = [.. _fills.Values];
        foreach (var fill in fills)
            await fill.Done;
    }

    private async Task<FoundManifest> FetchManifestAsync(RegistryClient client, RepositoryName name, ManifestReference reference, CancellationToken ct)
    {
        var document = await client.GetManifestAsync(reference.ToString(), null, patient: false, ct);
        var pushed = _store.PutManifest(name, reference, [], document.Content, document.Descriptor.MediaType, isComplete: false);
        return new FoundManifest(pushed.Digest, document.Descriptor.MediaType ?? "", document.Content.Length);
    }

    private BlobFill Fill(RepositoryName name, ContentDigest digest)
    {
        lock (_gate)
        {
            if (_fills.TryGetValue((name, digest), out var running))
                return running;
            var fill = new BlobFill(_store, name, digest, _clients.Of(name), _tell);
            _fills[(name, digest)] = fill;
            fill.Start(
                () =>
                {
                    lock (_gate)
                        _fills.Remove((name, digest));
                },
                _stop);
            return fill;
        }
    }

    private static RegistryRefusalException Refusal(RegistryException failure) =>
        new(failure.Kind is StorageError.Unauthorized or StorageError.Forbidden ? RefusalCode.Denied : RefusalCode.Unavailable, failure.Message, failure);

    /// <summary>A blob of which only the size is known.</summary>
    private sealed class RemoteBlob(ContentDigest digest, long? length) : IBlobContent
    {
        public ContentDigest Digest => digest;

        public long? Length => length;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct) => throw new InvalidOperationException("only the size was asked for");

        public void Dispose()
        {
        }
    }
}
