using Sampan.Oci.Images;

namespace Sampan.Storage.Distribution;

/// <summary>A manifest or index as a registry gave it, its digest checked.</summary>
/// <param name="Descriptor">What it is, with its digest and size.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record RegistryDocument(Descriptor Descriptor, byte[] Content);
