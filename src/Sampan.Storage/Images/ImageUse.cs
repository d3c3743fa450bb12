namespace Sampan.Storage.Images;

/// <summary>Who uses an image.</summary>
/// <param name="ContainerId">The container's identity; null: a build that is running.</param>
/// <param name="Running">True if it runs: then not even force removes the image.</param>
public sealed record ImageUse(string? ContainerId, bool Running);
