namespace Sampan.DockerApi.Images;

/// <summary>What this engine knows of an image.</summary>
public sealed record ImageMetadata
{
    /// <summary>When it was last tagged, RFC 3339.</summary>
    public string? LastTagTime { get; init; }
}
