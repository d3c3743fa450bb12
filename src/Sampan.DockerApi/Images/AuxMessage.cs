using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Images;

/// <summary>A result inside a progress stream.</summary>
public sealed record AuxMessage
{
    /// <summary>The id of the image that was built.</summary>
    public string? ID { get; init; }

    /// <summary>The tag that was pushed.</summary>
    public string? Tag { get; init; }

    /// <summary>The digest that was pushed.</summary>
    public string? Digest { get; init; }

    /// <summary>The manifest's bytes.</summary>
    public long? Size { get; init; }

    /// <summary>True if one manifest was pushed where the name stands for an index, whose content is not all here.</summary>
    [JsonPropertyName("manifestPushedInsteadOfIndex")]
    public bool? ManifestPushedInsteadOfIndex { get; init; }

    /// <summary>That index.</summary>
    [JsonPropertyName("originalIndex")]
    public OciDescriptor? OriginalIndex { get; init; }

    /// <summary>The manifest.</summary>
    [JsonPropertyName("selectedManifest")]
    public OciDescriptor? SelectedManifest { get; init; }
}
