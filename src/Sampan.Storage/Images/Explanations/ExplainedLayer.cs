using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Explanations;

/// <summary>What one layer of an image brought and what it made useless.</summary>
public sealed record ExplainedLayer
{
    /// <summary>The digest of its uncompressed tar.</summary>
    public required Digest DiffId { get; init; }

    /// <summary>What made it, by the image's history.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Bytes of its files.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of its blob as it is pulled and pushed.</summary>
    public required long BlobBytes { get; init; }

    /// <summary>Files that no layer below has.</summary>
    public required int Added { get; init; }

    /// <summary>Files that take the place of others.</summary>
    public required int Changed { get; init; }

    /// <summary>Files below that it takes away.</summary>
    public required int Deleted { get; init; }

    /// <summary>Bytes of files in layers below that nobody sees any more because of it.</summary>
    public required long Wasted { get; init; }
}
