using Sampan.Oci.Images;

namespace Sampan.Storage.Images;

/// <summary>All names of all images in one file, so that a name moves from one image to another in one step.</summary>
/// <param name="Names">Full references to images' identities.</param>
/// <param name="Indexes">Full references to the indexes that led from them to the images; null or absent: the manifest itself did, or nothing.</param>
internal sealed record StoredReferences(IReadOnlyDictionary<string, Digest> Names, IReadOnlyDictionary<string, Descriptor?>? Indexes = null);
