using Sampan.Oci.Images;

namespace Sampan.Storage.Snapshots;

/// <summary>An unpacked layer, shared by all images that have the same layers up to it.</summary>
internal sealed record LayerRecord
{
    /// <summary>The identity of this layer and all below it.</summary>
    public required Digest ChainId { get; init; }

    /// <summary>The digest of the layer's uncompressed tar.</summary>
    public required Digest DiffId { get; init; }

    /// <summary>The number of the layer's directory: short, for overlayfs takes all names in one page of options.</summary>
    public required int Directory { get; init; }

    /// <summary>Bytes of all files' contents.</summary>
    public required long Size { get; init; }

    /// <summary>True if the layer hides everything below it.</summary>
    public bool OpaqueRoot { get; init; }

    /// <summary>The boot of the machine in which it was unpacked, as long as its files are not known to be on the disk; null: they are.</summary>
    public string? Boot { get; init; }
}
