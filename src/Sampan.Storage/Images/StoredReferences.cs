using Sampan.Oci.Images;

namespace Sampan.Storage.Images;

/// <summary>All names of all images in one file, so that a name moves from one image to another in one step.</summary>
/// <param name="Names">Full references to images' identities.</param>
internal sealed record StoredReferences(IReadOnlyDictionary<string, Digest> Names);
