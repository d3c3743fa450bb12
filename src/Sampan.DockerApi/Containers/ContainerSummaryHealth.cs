namespace Sampan.DockerApi.Containers;

/// <summary>The health that a container list shows.</summary>
public sealed record ContainerSummaryHealth
{
    /// <summary>none, starting, healthy or unhealthy.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>Failures in a row.</summary>
    public int FailingStreak { get; init; }
}
