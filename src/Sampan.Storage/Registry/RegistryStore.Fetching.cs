namespace Sampan.Storage.Registry;

/// <summary>What comes from other registries.</summary>
public sealed partial class RegistryStore
{
    /// <summary>When a tag was last written or confirmed.</summary>
    internal DateTimeOffset TagTime(RepositoryName name, string tag) => new(File.GetLastWriteTimeUtc(TagOf(name, tag)), TimeSpan.Zero);

    /// <summary>The other registry still says the same of a tag.</summary>
    internal void ConfirmTag(RepositoryName name, string tag) => Shared(() =>
    {
        if (File.Exists(TagOf(name, tag)))
            File.SetLastWriteTimeUtc(TagOf(name, tag), _time.GetUtcNow().UtcDateTime);
        return true;
    });

    /// <summary>True if the bytes are here, whichever repository has them.</summary>
    internal bool HasBytes(ContentDigest digest) => File.Exists(PathOf(digest));

    /// <summary>Lets a repository have bytes that are here already.</summary>
    /// <returns>False: they are not.</returns>
    internal bool TryLinkFetched(RepositoryName name, ContentDigest digest) => Shared(() =>
    {
        if (!HasBytes(digest))
            return false;
        LinkBlob(name, digest);
        return true;
    });

    /// <summary>Takes in bytes that were verified and flushed.</summary>
    internal void AddFetched(RepositoryName name, ContentDigest digest, string path) => Shared(() =>
    {
        Promote(path, digest);
        LinkBlob(name, digest);
        return true;
    });
}
