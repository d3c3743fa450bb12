using Sampan.DockerApi.Containers;
using Sampan.Engine.Containers;
using Sampan.Engine.Health;
using Sampan.Oci.Images;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Containers;

/// <summary>Health probes and their results in Docker's words.</summary>
internal static class HealthMapper
{
    /// <summary>Docker's word for a container without probes.</summary>
    internal const string None = "none";

    /// <summary>Every word that <c>docker ps --filter health=</c> knows.</summary>
    internal static IReadOnlyList<string> Words { get; } = ["starting", "healthy", "unhealthy", None];

    /// <summary>The probe in a request; null: the image's.</summary>
    internal static HealthProbe? FromRequest(HealthConfig? config) => config is null ? null : new HealthProbe
    {
        Test = config.Test ?? [],
        Interval = Given(config.Interval),
        Timeout = Given(config.Timeout),
        StartPeriod = Given(config.StartPeriod),
        StartInterval = Given(config.StartInterval),
        Retries = config.Retries == 0 ? null : config.Retries,
    };

    /// <summary>A probe in inspect; null: there is none.</summary>
    internal static HealthConfig? ToConfig(HealthProbe? probe) => probe is null ? null : new HealthConfig
    {
        Test = probe.Test,
        Interval = probe.Interval ?? 0,
        Timeout = probe.Timeout ?? 0,
        StartPeriod = probe.StartPeriod ?? 0,
        StartInterval = probe.StartInterval ?? 0,
        Retries = probe.Retries ?? 0,
    };

    /// <summary>The results in inspect; null: the container has no probe, or never ran.</summary>
    internal static HealthState? ToState(HealthReport? report) => report is null ? null : new HealthState
    {
        Status = Word(report),
        FailingStreak = report.FailingStreak,
        Log = [.. report.Log.Select(r => new HealthLogEntry { Start = Timestamp.Write(r.Start), End = Timestamp.Write(r.End), ExitCode = r.ExitCode, Output = r.Output })],
    };

    /// <summary>The verdict in a list.</summary>
    internal static ContainerSummaryHealth ToSummary(HealthReport? report) => new() { Status = Word(report), FailingStreak = report?.FailingStreak ?? 0 };

    /// <summary>The verdict's word.</summary>
    internal static string Word(HealthReport? report) => report?.Status.ToString().ToLowerInvariant() ?? None;

    /// <summary>What <c>docker ps</c> puts behind the age of a running container; empty: nothing.</summary>
    internal static string Suffix(ContainerSnapshot container) => container.Health?.Status switch
    {
        null => "",
        HealthStatus.Starting => " (health: starting)",
        _ => $" ({Word(container.Health)})",
    };

    private static long? Given(long nanoseconds) => nanoseconds == 0 ? null : nanoseconds;
}
