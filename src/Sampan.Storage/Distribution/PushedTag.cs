using Sampan.Oci.Images;

namespace Sampan.Storage.Distribution;

/// <summary>A tag that a registry has now.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Digest">Its manifest.</param>
/// <param name="Size">The manifest's bytes.</param>
public sealed record PushedTag(string Tag, Digest Digest, long Size)
{
    /// <summary>The index that the name stands for, if only one image of it could be pushed; else null.</summary>
    public Descriptor? InsteadOf { get; init; }

    /// <summary>The manifest that was pushed in its place; null for an index that was pushed whole.</summary>
    public Descriptor? Manifest { get; init; }
}
