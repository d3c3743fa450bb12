using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers.Stats;

/// <summary>How often the CPU limit held a container back.</summary>
public sealed record ThrottlingData
{
    /// <summary>Periods with the limit set.</summary>
    [JsonPropertyName("periods")]
    public ulong Periods { get; init; }

    /// <summary>Periods in which it hit the limit.</summary>
    [JsonPropertyName("throttled_periods")]
    public ulong ThrottledPeriods { get; init; }

    /// <summary>Nanoseconds it was held back.</summary>
    [JsonPropertyName("throttled_time")]
    public ulong ThrottledTime { get; init; }
}
