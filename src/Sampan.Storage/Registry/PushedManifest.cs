namespace Sampan.Storage.Registry;

/// <summary>A manifest that was just stored.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Subject">The manifest that it is about; null: none.</param>
public sealed record PushedManifest(ContentDigest Digest, ContentDigest? Subject);
