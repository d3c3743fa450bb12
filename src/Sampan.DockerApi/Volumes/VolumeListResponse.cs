using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Volumes;

/// <summary>The answer of GET /volumes.</summary>
public sealed record VolumeListResponse
{
    /// <summary>The volumes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<VolumeInspect>? Volumes { get; init; }

    /// <summary>What went wrong while listing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Warnings { get; init; }
}
