using Sampan.Oci.Images;

namespace Sampan.Engine.Images;

/// <summary>An image.</summary>
public sealed record ImageSnapshot
{
    /// <summary>The digest of its configuration, <c>sha256:…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What it says of itself.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>Its names with tags, in familiar form.</summary>
    public IReadOnlyList<string> RepoTags { get; init; } = [];

    /// <summary>Its names with digests, in familiar form.</summary>
    public IReadOnlyList<string> RepoDigests { get; init; } = [];

    /// <summary>Bytes, unpacked, shared layers included.</summary>
    public long Size { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The digests of its uncompressed layers, lowest first.</summary>
    public IReadOnlyList<string> DiffIds { get; init; } = [];

    /// <summary>The image it was made from; null: none that is here.</summary>
    public string? ParentId { get; init; }

    /// <summary>What its name stands for at a registry: an index or its manifest; null: it never had one.</summary>
    public Descriptor? Descriptor { get; init; }

    /// <summary>Its own manifest, with its platform; null: it never had one.</summary>
    public Descriptor? Manifest { get; init; }

    /// <summary>When it last got a name; null: unknown.</summary>
    public DateTimeOffset? LastTagged { get; init; }
}
