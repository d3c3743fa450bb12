namespace Sampan.DockerApi.Images;

/// <summary>Bytes that a manifest takes.</summary>
public sealed record ImageManifestSize
{
    /// <summary>Everything.</summary>
    public long Total { get; init; }

    /// <summary>The blobs.</summary>
    public long Content { get; init; }
}
