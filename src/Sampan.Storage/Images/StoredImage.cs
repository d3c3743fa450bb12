using Sampan.Oci.Images;

namespace Sampan.Storage.Images;

/// <summary>An image as its file in the store has it; everything else follows from its blobs.</summary>
internal sealed record StoredImage
{
    /// <summary>The digest of the configuration: the image's identity.</summary>
    public required Digest Id { get; init; }

    /// <summary>The layers' blobs as they came, lowest first; one for each diff id.</summary>
    public required IReadOnlyList<Descriptor> Layers { get; init; }

    /// <summary>The manifest that the image came with, or null for an archive that has none.</summary>
    public Descriptor? Manifest { get; init; }

    /// <summary>The manifest that a push made for an image that came with none; its compressed layers need not be here.</summary>
    public Descriptor? Pushed { get; init; }

    /// <summary>What a manifest that is made for it says besides; null: nothing.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The image this one was made from by commit or build, if it is still here.</summary>
    public Digest? Parent { get; init; }

    /// <summary>True for the files of a build's step: kept for the next build, shown to nobody.</summary>
    public bool IsStep { get; init; }

    /// <summary>When it got its last name, or was stored.</summary>
    public required DateTimeOffset Tagged { get; init; }
}
