using Sampan.Oci.Images;

namespace Sampan.Engine.Images;

/// <summary>One manifest of an image for several platforms, and what of it is here.</summary>
public sealed record ImagePart
{
    /// <summary>As the index has it.</summary>
    public required Descriptor Descriptor { get; init; }

    /// <summary>True if all its blobs are here.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Bytes of its blobs that are here.</summary>
    public long ContentBytes { get; init; }

    /// <summary>True for a statement about another manifest.</summary>
    public bool IsAttestation { get; init; }

    /// <summary>The digest of the manifest that the statement is about; null: none.</summary>
    public string? Attests { get; init; }

    /// <summary>The image's id; null: it is not here, or none.</summary>
    public string? ImageId { get; init; }

    /// <summary>What it is for; null: nobody says.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Bytes of the unpacked files; 0: it is not here.</summary>
    public long UnpackedBytes { get; init; }

    /// <summary>The containers made from it.</summary>
    public IReadOnlyList<string> Containers { get; init; } = [];
}
