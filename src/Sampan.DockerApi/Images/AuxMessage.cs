using System.Text.Json.Serialization;
using Sampan.DockerApi.Builds;

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

    /// <summary>Sampan only: the build's id in the history.</summary>
    public string? BuildID { get; init; }

    /// <summary>Sampan only: what the command left that made the build fail, if that was asked for.</summary>
    [JsonPropertyName("failedState")]
    public FailedBuildState? FailedState { get; init; }

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
