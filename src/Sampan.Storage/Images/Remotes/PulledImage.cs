using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Remotes;

/// <summary>An image that came from a registry.</summary>
/// <param name="Image">The image.</param>
/// <param name="Digest">What its name points to at the registry: a manifest, or an index of several.</param>
/// <param name="IsNew">False if it was here already, under this name.</param>
public sealed record PulledImage(ImageRecord Image, Digest Digest, bool IsNew);
