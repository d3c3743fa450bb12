using Sampan.Oci.Images;

namespace Sampan.Engine.Images;

/// <summary>One step of a pull or push, in Docker's words.</summary>
/// <param name="Id">The layer's short digest or the tag; null: it is about the whole.</param>
/// <param name="Status">What is happening.</param>
public sealed record TransferStep(string? Id, string Status)
{
    /// <summary>Bytes so far; null: it has no measure.</summary>
    public long? Current { get; init; }

    /// <summary>All bytes; null: unknown.</summary>
    public long? Total { get; init; }

    /// <summary>A tag that the registry has now; null: this is no end of a push.</summary>
    public string? PushedTag { get; init; }

    /// <summary>The digest of the pushed tag's manifest.</summary>
    public string? PushedDigest { get; init; }

    /// <summary>The bytes of the pushed tag's manifest.</summary>
    public long? PushedSize { get; init; }

    /// <summary>The index that the name stands for, if only one image of it was pushed; null otherwise.</summary>
    public Descriptor? PushedInsteadOf { get; init; }

    /// <summary>The manifest that was pushed in its place; null for an index.</summary>
    public Descriptor? PushedManifest { get; init; }
}
