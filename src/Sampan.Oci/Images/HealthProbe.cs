using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>How to find out whether a container's service is well: Docker's <c>HEALTHCHECK</c>. Times are nanoseconds; null is the engine's default.</summary>
public sealed record HealthProbe
{
    /// <summary><c>["NONE"]</c>, <c>["CMD", …]</c> or <c>["CMD-SHELL", "…"]</c>; empty inherits.</summary>
    [JsonPropertyName("Test")]
    public IReadOnlyList<string> Test { get; init => field = value ?? []; } = [];

    /// <summary>Time between two probes, in nanoseconds.</summary>
    [JsonPropertyName("Interval")]
    public long? Interval { get; init; }

    /// <summary>Time until a probe counts as failed, in nanoseconds.</summary>
    [JsonPropertyName("Timeout")]
    public long? Timeout { get; init; }

    /// <summary>Time after the start in which failures do not count, in nanoseconds.</summary>
    [JsonPropertyName("StartPeriod")]
    public long? StartPeriod { get; init; }

    /// <summary>Time between two probes during the start period, in nanoseconds.</summary>
    [JsonPropertyName("StartInterval")]
    public long? StartInterval { get; init; }

    /// <summary>Failures in a row that make the container unhealthy.</summary>
    [JsonPropertyName("Retries")]
    public int? Retries { get; init; }
}
