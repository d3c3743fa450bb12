using Sampan.Oci.Images;

namespace Sampan.Storage.Images;

/// <summary>What removing an image did, in Docker's order: first names went, then images and layers.</summary>
/// <param name="ImageId">The image that was meant.</param>
/// <param name="Untagged">Names that went, in familiar form.</param>
/// <param name="Deleted">Digests of images and chain identities of layers that went; empty if only a name did.</param>
public sealed record ImageRemoval(Digest ImageId, IReadOnlyList<string> Untagged, IReadOnlyList<string> Deleted);
