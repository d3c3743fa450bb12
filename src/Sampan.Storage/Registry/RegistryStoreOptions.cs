namespace Sampan.Storage.Registry;

/// <summary>Where a registry's content lies and how much of it there may be.</summary>
public sealed record RegistryStoreOptions
{
    /// <summary>The directory; it belongs to the registry alone.</summary>
    public required string Root { get; init; }

    /// <summary>Bytes of one manifest. The specification wants at least 4 MiB.</summary>
    public int ManifestMaxBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes of one blob.</summary>
    public long BlobMaxBytes { get; init; } = 256L * 1024 * 1024 * 1024;

    /// <summary>Uploads that may be open at a time.</summary>
    public int MaxUploads { get; init; } = 1000;

    /// <summary>How long an upload that nobody goes on with is kept.</summary>
    public TimeSpan UploadExpiry { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long what nothing refers to is kept: whoever pushes sends blobs first and the manifest that refers to them last.</summary>
    public TimeSpan CollectionGrace { get; init; } = TimeSpan.FromHours(2);

    /// <summary>True to collect manifests, too, that have no tag and that nothing refers to.</summary>
    public bool CollectUntagged { get; init; }
}
