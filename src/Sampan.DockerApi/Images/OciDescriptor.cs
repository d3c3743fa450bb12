using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Images;

/// <summary>A descriptor of the OCI image specification.</summary>
public sealed record OciDescriptor
{
    /// <summary>The content's media type.</summary>
    [JsonPropertyName("mediaType")]
    public string MediaType { get; init => field = value ?? ""; } = "";

    /// <summary>The content's digest.</summary>
    [JsonPropertyName("digest")]
    public string Digest { get; init => field = value ?? ""; } = "";

    /// <summary>The content's bytes.</summary>
    [JsonPropertyName("size")]
    public long Size { get; init; }

    /// <summary>Where else the content is.</summary>
    [JsonPropertyName("urls")]
    public IReadOnlyList<string>? Urls { get; init; }

    /// <summary>Annotations.</summary>
    [JsonPropertyName("annotations")]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The content itself, base64.</summary>
    [JsonPropertyName("data")]
    public string? Data { get; init; }

    /// <summary>The content's platform.</summary>
    [JsonPropertyName("platform")]
    public OciPlatform? Platform { get; init; }

    /// <summary>The kind of artifact.</summary>
    [JsonPropertyName("artifactType")]
    public string? ArtifactType { get; init; }
}
