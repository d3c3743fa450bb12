using Sampan.Oci.Images;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Snapshots;

/// <summary>A layer's files, in a directory that nothing refers to yet.</summary>
/// <param name="Directory">The directory's number.</param>
/// <param name="Layer">What unpacking gave.</param>
/// <param name="DiffId">The digest of the tar, or null if somebody else took it.</param>
internal sealed record UnpackedTree(int Directory, UnpackedLayer Layer, Digest? DiffId)
{
    /// <summary>What the store keeps of it.</summary>
    internal LayerRecord ToRecord(Digest diffId, Digest chainId) =>
        new() { ChainId = chainId, DiffId = diffId, Directory = Directory, Size = Layer.Size, OpaqueRoot = Layer.OpaqueRoot };
}
