using System.Text;
using System.Text.Json;

namespace Sampan.Storage.Registry;

/// <summary>Manifests and the tags that point to them.</summary>
public sealed partial class RegistryStore
{
    /// <summary>Finds a manifest.</summary>
    /// <returns>Null: the repository has none by that tag or digest.</returns>
    public FoundManifest? FindManifest(RepositoryName name, ManifestReference reference)
    {
        if ((reference.Tag is { } tag ? ReadTag(name, tag) : reference.Digest) is not { } digest)
            return null;
        return ReadRecord(name, digest) is { } record ? new FoundManifest(digest, record.MediaType, record.Size) : null;
    }

    /// <summary>Opens a manifest's bytes; null: somebody deleted it just now.</summary>
    public BlobFile? OpenManifest(FoundManifest manifest) => TryOpen(manifest.Digest);

    /// <summary>
    /// Stores a manifest: (1) read it (2) its digest (3) look for everything that it refers to (4) its bytes (5) the note that it refers to
    /// its subject (6) the manifest's record (7) its tags.
    /// </summary>
    /// <param name="name">The repository.</param>
    /// <param name="reference">A tag, or the digest that it must have.</param>
    /// <param name="tags">Further tags for it.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="contentType">What it is said to be, without parameters; null: not said.</param>
    /// <exception cref="RegistryRefusalException">ManifestInvalid, DigestInvalid, or ManifestBlobUnknown.</exception>
    public PushedManifest PutManifest(RepositoryName name, ManifestReference reference, IReadOnlyList<string> tags, ReadOnlyMemory<byte> content, string? contentType) =>
        PutManifest(name, reference, tags, content, contentType, isComplete: true);

    /// <summary>As the public one; a mirror's manifests may refer to what was not fetched yet.</summary>
    internal PushedManifest PutManifest(RepositoryName name, ManifestReference reference, IReadOnlyList<string> tags, ReadOnlyMemory<byte> content, string? contentType, bool isComplete)
    {
        var facts = ManifestFacts.Read(content, contentType); // 1
        var digest = ContentDigest.Of(reference.Tag is null ? reference.Digest.Algorithm : ContentDigest.Sha256, content.Span); // 2
        if (reference.Tag is null && reference.Digest != digest)
            throw new RegistryRefusalException(RefusalCode.DigestInvalid, $"provided digest did not match uploaded content: '{reference.Digest}' was announced, the manifest has '{digest}'");
        return Shared(() =>
        {
            if (isComplete)
                Require(name, facts); // 3
            if (!File.Exists(PathOf(digest)))
                Promote(WriteIncoming(content.Span), digest); // 4
            Spare(digest);
            if (facts.Subject is { } subject)
                WriteLink(ReferrerOf(name, subject, digest), []); // 5
            var record = LinkOf(name, Manifests, digest);
            WriteLink(record, JsonSerializer.SerializeToUtf8Bytes(facts.ToStored(content.Length), RegistryStoreJson.Default.StoredManifest)); // 6
            Touch(record, digest);
            foreach (var reference in facts.Blobs.Concat(facts.Manifests))
                Spare(reference.Digest);
            foreach (var tag in reference.Tag is { } named ? [named, .. tags] : tags)
                WriteTag(name, tag, digest); // 7
            return new PushedManifest(digest, facts.Subject);
        });
    }

    /// <summary>Removes a tag; its manifest stays.</summary>
    /// <returns>False: there was none.</returns>
    public bool DeleteTag(RepositoryName name, string tag) => Exclusive(() => Unlink(TagOf(name, tag)));

    /// <summary>Removes a manifest and all tags that point to it. Its bytes go when they are collected.</summary>
    /// <returns>False: there was none.</returns>
    public bool DeleteManifest(RepositoryName name, ContentDigest digest) => Exclusive(() => RemoveManifest(name, digest));

    /// <summary>The tags of a repository.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="last">Only those behind this one; null: from the first on.</param>
    public Page ListTags(RepositoryName name, int count, string? last) => PageOf(EnumerateTags(name), count, last);

    internal IEnumerable<string> EnumerateTags(RepositoryName name) => Entries(Path.Combine(DirectoryOf(name), Tags)).Where(ManifestReference.IsTag);

    internal ContentDigest? ReadTag(RepositoryName name, string tag)
    {
        try
        {
            return ContentDigest.TryParse(File.ReadAllText(TagOf(name, tag)).TrimEnd('\n'), out var digest) ? digest : null;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    internal void WriteTag(RepositoryName name, string tag, ContentDigest digest)
    {
        WriteLink(TagOf(name, tag), Encoding.ASCII.GetBytes(digest + "\n"));
        File.SetLastWriteTimeUtc(TagOf(name, tag), _time.GetUtcNow().UtcDateTime);
    }

    internal string TagOf(RepositoryName name, string tag) => Path.Combine(DirectoryOf(name), Tags, tag);

    internal StoredManifest? ReadRecord(RepositoryName name, ContentDigest digest)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(LinkOf(name, Manifests, digest)), RegistryStoreJson.Default.StoredManifest);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException broken)
        {
            throw new StorageException(StorageError.Corrupt, $"cannot read the record of manifest '{digest}' in repository '{name}': push it again", broken);
        }
    }

    private bool RemoveManifest(RepositoryName name, ContentDigest digest)
    {
        if (!File.Exists(LinkOf(name, Manifests, digest)))
            return false;
        foreach (var tag in EnumerateTags(name).Where(tag => ReadTag(name, tag) == digest).ToList())
            Unlink(TagOf(name, tag));
        UnlinkManifest(name, digest);
        return true;
    }

    private void UnlinkManifest(RepositoryName name, ContentDigest digest)
    {
        var subject = ReadRecord(name, digest)?.Subject;
        Unlink(LinkOf(name, Manifests, digest));
        if (ContentDigest.TryParse(subject, out var about))
            Unlink(ReferrerOf(name, about, digest));
    }

    private void Require(RepositoryName name, ManifestFacts facts)
    {
        foreach (var blob in facts.Blobs.Where(blob => !blob.IsElsewhere))
        {
            if (!File.Exists(LinkOf(name, Blobs, blob.Digest)))
                throw Unknown("blob", blob.Digest);
            RequireSize(blob, new FileInfo(PathOf(blob.Digest)) is { Exists: true } file ? file.Length : throw Unknown("blob", blob.Digest));
        }
        foreach (var manifest in facts.Manifests.Where(manifest => !manifest.IsElsewhere))
            RequireSize(manifest, ReadRecord(name, manifest.Digest)?.Size ?? throw Unknown("manifest", manifest.Digest));
    }

    private static RegistryRefusalException Unknown(string kind, ContentDigest digest) =>
        new(RefusalCode.ManifestBlobUnknown, $"manifest refers to {kind} '{digest}', which the repository has not: push it first");

    private static void RequireSize(ManifestFacts.Reference reference, long size)
    {
        if (reference.Size != size)
            throw new RegistryRefusalException(RefusalCode.ManifestInvalid, $"manifest invalid: it says that '{reference.Digest}' has {reference.Size} bytes, it has {size}");
    }

    private string WriteIncoming(ReadOnlySpan<byte> content)
    {
        var path = NewIncoming();
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
            return path;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    // AtomicFile's temporary names begin with a dot.
    private static IEnumerable<string> Entries(string directory)
    {
        if (!Directory.Exists(directory))
            return [];
        return Directory.EnumerateFileSystemEntries(directory).Select(entry => Path.GetFileName(entry)).Where(name => name[0] != '.');
    }
}
