namespace Sampan.DockerApi.Images;

/// <summary>Bytes that an image takes when unpacked.</summary>
public sealed record ImageManifestUnpacked
{
    /// <summary>The unpacked layers.</summary>
    public long Unpacked { get; init; }
}
