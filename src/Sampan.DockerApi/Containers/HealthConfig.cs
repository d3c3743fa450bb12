using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>A health probe. Durations are nanoseconds; zero: the inherited or default value.</summary>
public sealed record HealthConfig
{
    /// <summary>NONE, or CMD and arguments, or CMD-SHELL and one command line; empty: inherited.</summary>
    public IReadOnlyList<string>? Test { get; init; }

    /// <summary>Nanoseconds between two probes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Interval { get; init; }

    /// <summary>Nanoseconds after which a probe counts as failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Timeout { get; init; }

    /// <summary>Nanoseconds after the start in which failures do not count.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long StartPeriod { get; init; }

    /// <summary>Nanoseconds between two probes during the start period.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long StartInterval { get; init; }

    /// <summary>Failures in a row that make the container unhealthy.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Retries { get; init; }
}
