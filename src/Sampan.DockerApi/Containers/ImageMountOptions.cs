namespace Sampan.DockerApi.Containers;

/// <summary>Options of an image mount.</summary>
public sealed record ImageMountOptions
{
    /// <summary>Path inside the image that is mounted.</summary>
    public string? Subpath { get; init; }
}
