namespace Sampan.DockerApi.Images;

/// <summary>One entry of DELETE /images/{name}: one of the two is set.</summary>
public sealed record ImageDeleteItem
{
    /// <summary>A name that was removed.</summary>
    public string? Untagged { get; init; }

    /// <summary>An image or layer that was removed.</summary>
    public string? Deleted { get; init; }
}
