using Sampan.Oci.Images;
using Sampan.Storage.Images.Attachments;

namespace Sampan.Storage.Images;

/// <summary>
/// All names of all images in one file, so that a name moves from one image to another in one step; and the images without a name, so that an image
/// is there, or gone, from the moment this file says so.
/// </summary>
/// <param name="Names">Full references to images' identities.</param>
/// <param name="Indexes">Full references to the indexes that led from them to the images; null or absent: the manifest itself did, or nothing.</param>
/// <param name="Unnamed">Images without a name; null: written by a version that did not tell, and all are kept.</param>
/// <param name="Attached">What was fetched along with images; null or absent: nothing.</param>
internal sealed record StoredReferences(IReadOnlyDictionary<string, Digest> Names, IReadOnlyDictionary<string, Descriptor?>? Indexes = null, IReadOnlyList<Digest>? Unnamed = null, IReadOnlyList<AttachedManifest>? Attached = null);
