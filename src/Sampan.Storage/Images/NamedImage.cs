using Sampan.Oci.Images;

namespace Sampan.Storage.Images;

/// <summary>What a name means here.</summary>
/// <param name="Reference">The name.</param>
/// <param name="Id">The image: of an index's several, the one that suits this machine best.</param>
/// <param name="Index">The index that the name stands for at its registry, or null.</param>
internal sealed record NamedImage(ImageReference Reference, Digest Id, Descriptor? Index);
