namespace Sampan.DockerApi.Containers;

/// <summary>One run of the health probe.</summary>
public sealed record HealthLogEntry
{
    /// <summary>When it began, RFC 3339.</summary>
    public string Start { get; init => field = value ?? ""; } = "";

    /// <summary>When it ended, RFC 3339.</summary>
    public string End { get; init => field = value ?? ""; } = "";

    /// <summary>0 healthy, 1 unhealthy, anything else an error of the probe.</summary>
    public int ExitCode { get; init; }

    /// <summary>What the probe printed, shortened.</summary>
    public string Output { get; init => field = value ?? ""; } = "";
}
