namespace Sampan.Storage.Registry;

/// <summary>A manifest that a repository has.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="MediaType">What it was pushed as.</param>
/// <param name="Size">Its size in bytes.</param>
public sealed record FoundManifest(ContentDigest Digest, string MediaType, long Size);
