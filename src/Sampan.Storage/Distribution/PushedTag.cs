using Sampan.Oci.Images;

namespace Sampan.Storage.Distribution;

/// <summary>A tag that a registry has now.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Digest">Its manifest.</param>
/// <param name="Size">The manifest's bytes.</param>
public sealed record PushedTag(string Tag, Digest Digest, long Size);
