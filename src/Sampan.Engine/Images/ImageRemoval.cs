namespace Sampan.Engine.Images;

/// <summary>One line of what a removal did: one of the two is given.</summary>
/// <param name="Untagged">A name that is gone.</param>
/// <param name="Deleted">An image or layer that is gone.</param>
public sealed record ImageRemoval(string? Untagged, string? Deleted);
