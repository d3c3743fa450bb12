using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Layers;

/// <summary>One layer of an image in the store.</summary>
/// <param name="DiffId">The digest of its uncompressed tar.</param>
/// <param name="ChainId">The identity of this layer and all below it.</param>
/// <param name="Blob">Its blob as it came, perhaps compressed.</param>
/// <param name="Size">Bytes of all its files' contents, unpacked.</param>
public sealed record ImageLayer(Digest DiffId, Digest ChainId, Descriptor Blob, long Size);
