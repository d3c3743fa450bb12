using Sampan.Oci.Images;
using Sampan.Storage.Images.Layers;

namespace Sampan.Storage.Images;

/// <summary>An image in the store: a snapshot of what is known of it, with its names at the time of asking.</summary>
public sealed record ImageRecord
{
    /// <summary>The digest of the configuration: the image's identity.</summary>
    public required Digest Id { get; init; }

    /// <summary>The configuration.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>Names with tags, sorted.</summary>
    public required IReadOnlyList<ImageReference> RepoTags { get; init; }

    /// <summary>Names by digest of the manifest, sorted.</summary>
    public required IReadOnlyList<ImageReference> RepoDigests { get; init; }

    /// <summary>The layers, lowest first.</summary>
    public required IReadOnlyList<ImageLayer> Layers { get; init; }

    /// <summary>Bytes of all files of all layers, unpacked; layers shared with other images count in each.</summary>
    public required long Size { get; init; }

    /// <summary>The manifest that the image came with, or null for an archive that has none.</summary>
    public Descriptor? Manifest { get; init; }

    /// <summary>What a manifest that is made for it says besides; null: nothing.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The image this one was made from by commit or build, if it is in the store.</summary>
    public Digest? Parent { get; init; }

    /// <summary>When it got its last name, or was stored.</summary>
    public required DateTimeOffset LastTagged { get; init; }

    /// <summary>The indexes (images for several platforms) that its names stand for.</summary>
    public IReadOnlyList<Descriptor> Indexes { get; init; } = [];

    /// <summary>The images for other platforms that are here and that its names lead to as well: they come and go together.</summary>
    public IReadOnlyList<Digest> Siblings { get; init; } = [];

    /// <summary>True if the name of another image leads to this one, for its platform.</summary>
    public bool IsMember { get; init; }

    /// <summary>True for the files of a build's step: they have no configuration and are in no list.</summary>
    public bool IsStep { get; init; }

    /// <summary>True if a name means just this image.</summary>
    public bool HasNames => RepoTags.Count > 0 || RepoDigests.Count > 0;

    /// <summary>When the image was made; the beginning of 1970 if it does not say.</summary>
    public DateTimeOffset Created => Config.Created ?? DateTimeOffset.UnixEpoch;

    /// <summary>The digests of the layers' uncompressed tars, lowest first.</summary>
    public IReadOnlyList<Digest> DiffIds => Config.RootFs.DiffIds;

    /// <summary>True if it has a line of its own in a list: not if it only goes along with another image, for its platform.</summary>
    public bool IsListed => HasNames || !IsMember && !IsStep;

    /// <summary>True if no name leads to it.</summary>
    public bool IsDangling => !HasNames && !IsMember && !IsStep;
}
