using Sampan.Oci.Images;

namespace Sampan.Storage.Images;

/// <summary>One manifest of an image for several platforms, and what of it is here.</summary>
public sealed record ImageMember
{
    /// <summary>As the index has it.</summary>
    public required Descriptor Descriptor { get; init; }

    /// <summary>True if all its blobs are here.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Bytes of its blobs that are here; those that others have too count as well.</summary>
    public long ContentBytes { get; init; }

    /// <summary>True for a statement about another manifest (how it was built, what is in it).</summary>
    public bool IsAttestation { get; init; }

    /// <summary>The manifest that the statement is about, or null.</summary>
    public Digest? Attests { get; init; }

    /// <summary>The image, if it is here and can be run; else null.</summary>
    public Digest? ImageId { get; init; }

    /// <summary>What it is for, or null if nobody says.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Bytes of the image's unpacked files; 0 if it is not here.</summary>
    public long UnpackedBytes { get; init; }
}
