using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Attachments;

/// <summary>A signature, a list of parts or a statement that was fetched along with the image that it is about. It stays as long as that is here.</summary>
/// <param name="Manifest">It: a manifest or an index, with its kind.</param>
/// <param name="Subject">The manifest or index that it is about.</param>
/// <param name="Tag">The tag under which it is found, or null: by its subject.</param>
public sealed record AttachedManifest(Descriptor Manifest, Digest Subject, string? Tag);
