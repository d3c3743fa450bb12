using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Layouts;

/// <summary>An image as an archive describes it: checked for shape, not yet unpacked.</summary>
internal sealed record ArchivedImage
{
    /// <summary>The digest of the configuration.</summary>
    public required Digest Id { get; init; }

    public required ImageConfig Config { get; init; }

    /// <summary>The layers' blobs, lowest first; as many as the configuration has diff ids.</summary>
    public required IReadOnlyList<Descriptor> Layers { get; init; }

    public Descriptor? Manifest { get; init; }

    /// <summary>The index that led to the manifest, or null: then names by digest mean the manifest itself.</summary>
    public Descriptor? Index { get; init; }

    /// <summary>True if it is in the index for another platform than the image that gets the names.</summary>
    public bool IsMember { get; init; }

    public Digest? Parent { get; init; }

    /// <summary>The files of a build's step.</summary>
    public bool IsStep { get; init; }

    /// <summary>For the manifest that is made of it; null: whatever was said before stays.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public IReadOnlyList<ImageReference> Names { get; init; } = [];
}
