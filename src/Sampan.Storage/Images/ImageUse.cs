namespace Sampan.Storage.Images;

/// <summary>A container that uses an image.</summary>
/// <param name="ContainerId">Its identity.</param>
/// <param name="Running">True if it runs: then not even force removes the image.</param>
public sealed record ImageUse(string ContainerId, bool Running);
