using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>
/// Points to a blob: what it is, its digest and its size.
/// See <see href="https://github.com/opencontainers/image-spec/blob/main/descriptor.md">image-spec, descriptor</see>.
/// </summary>
public sealed record Descriptor
{
    /// <summary>What the blob is, one of <see cref="MediaTypes"/> or an artifact's own.</summary>
    [JsonPropertyName("mediaType")]
    public string? MediaType { get; init; }

    /// <summary>The blob's address.</summary>
    [JsonPropertyName("digest")]
    public required Digest Digest { get; init; }

    /// <summary>The blob's size in bytes.</summary>
    [JsonPropertyName("size")]
    public required long Size { get; init; }

    /// <summary>Other places to download the blob from.</summary>
    [JsonPropertyName("urls")]
    public IReadOnlyList<string>? Urls { get; init; }

    /// <summary>Free notes.</summary>
    [JsonPropertyName("annotations")]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>What kind of artifact a manifest describes, or null for an image.</summary>
    [JsonPropertyName("artifactType")]
    public string? ArtifactType { get; init; }

    /// <summary>The platform of the manifest, in an index.</summary>
    [JsonPropertyName("platform")]
    public Platform? Platform { get; init; }

    /// <summary>The note under <paramref name="key"/>, or null.</summary>
    public string? Annotation(string key) => Annotations is not null && Annotations.TryGetValue(key, out var value) ? value : null;
}
