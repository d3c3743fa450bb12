using System.Text.Json.Serialization;

namespace Sampan.Storage.Registry;

/// <summary>What a repository knows of one of its manifests without reading it again.</summary>
internal sealed record StoredManifest
{
    /// <summary>What it was pushed as.</summary>
    [JsonPropertyName("mediaType")]
    public required string MediaType { get; init; }

    /// <summary>Its size in bytes.</summary>
    [JsonPropertyName("size")]
    public required long Size { get; init; }

    /// <summary>What kind of artifact it is in a list of referrers, or null.</summary>
    [JsonPropertyName("artifactType")]
    public string? ArtifactType { get; init; }

    /// <summary>Its notes, for lists of referrers.</summary>
    [JsonPropertyName("annotations")]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The manifest that it is about, or null.</summary>
    [JsonPropertyName("subject")]
    public string? Subject { get; init; }

    /// <summary>The digests of the blobs that it refers to.</summary>
    [JsonPropertyName("blobs")]
    public IReadOnlyList<string> Blobs { get; init => field = value ?? []; } = [];

    /// <summary>The digests of the manifests that it lists.</summary>
    [JsonPropertyName("manifests")]
    public IReadOnlyList<string> Manifests { get; init => field = value ?? []; } = [];
}
