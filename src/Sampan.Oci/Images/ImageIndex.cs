using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>
/// A list of manifests: one per platform, or all images of an OCI layout. OCI's index and Docker's manifest list have the same shape.
/// See <see href="https://github.com/opencontainers/image-spec/blob/main/image-index.md">image-spec, index</see>.
/// </summary>
public sealed record ImageIndex
{
    /// <summary>Always 2.</summary>
    [JsonPropertyName("schemaVersion")]
    public int SchemaVersion { get; init; }

    /// <summary>What this document says it is, or null (OCI allows that).</summary>
    [JsonPropertyName("mediaType")]
    public string? MediaType { get; init; }

    /// <summary>The manifests, the preferred one first.</summary>
    [JsonPropertyName("manifests")]
    public IReadOnlyList<Descriptor> Manifests { get; init => field = value ?? []; } = [];

    /// <summary>The manifest that this index is about, or null.</summary>
    [JsonPropertyName("subject")]
    public Descriptor? Subject { get; init; }

    /// <summary>Free notes.</summary>
    [JsonPropertyName("annotations")]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
