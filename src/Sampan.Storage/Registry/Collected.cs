namespace Sampan.Storage.Registry;

/// <summary>What a collection removed, or would have.</summary>
/// <param name="Manifests">Manifests that had no tag and that nothing referred to.</param>
/// <param name="Links">Blobs of repositories none of whose manifests refer to them.</param>
/// <param name="Blobs">Blobs and manifests that no repository had any more.</param>
/// <param name="Bytes">The bytes of those.</param>
public sealed record Collected(int Manifests, int Links, int Blobs, long Bytes);
