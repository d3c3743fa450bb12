using System.Text.Json.Serialization;
using Sampan.DockerApi.Builds;

namespace Sampan.DockerApi.Images;

/// <summary>One message of the streams that load, import, pull, push and build send.</summary>
public sealed record ProgressMessage
{
    /// <summary>Text of a build or a load.</summary>
    [JsonPropertyName("stream")]
    public string? Stream { get; init; }

    /// <summary>What is happening.</summary>
    [JsonPropertyName("status")]
    public string? Status { get; init; }

    /// <summary>How far it is.</summary>
    [JsonPropertyName("progressDetail")]
    public ProgressDetail? ProgressDetail { get; init; }

    /// <summary>How far it is, drawn (deprecated).</summary>
    [JsonPropertyName("progress")]
    public string? Progress { get; init; }

    /// <summary>What it is about, such as a layer.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>Why it failed.</summary>
    [JsonPropertyName("errorDetail")]
    public ErrorDetail? ErrorDetail { get; init; }

    /// <summary>Why it failed, the text alone.</summary>
    [JsonPropertyName("error")]
    public string? Error { get; init; }

    /// <summary>A result for programs.</summary>
    [JsonPropertyName("aux")]
    public AuxMessage? Aux { get; init; }

    /// <summary>Sampan only, if it was asked for: a step of a build that begins, is known better, or is over.</summary>
    [JsonPropertyName("buildStep")]
    public PastBuildStep? BuildStep { get; init; }

    /// <summary>Sampan only: the step that <see cref="Stream"/> is of.</summary>
    [JsonPropertyName("buildStepNumber")]
    public int? BuildStepNumber { get; init; }
}
