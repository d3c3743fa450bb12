using Sampan.Oci.Images;

namespace Sampan.Storage.Images;

/// <summary>An image that came with an archive.</summary>
/// <param name="Image">The image.</param>
/// <param name="Names">The names the archive gave it; empty if it has none.</param>
public sealed record LoadedImage(ImageRecord Image, IReadOnlyList<ImageReference> Names);
