using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>The result of the latest health probes.</summary>
public sealed record HealthState
{
    /// <summary>none, starting, healthy or unhealthy.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>Failures in a row.</summary>
    public int FailingStreak { get; init; }

    /// <summary>The latest probes, oldest first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<HealthLogEntry>? Log { get; init; }
}
