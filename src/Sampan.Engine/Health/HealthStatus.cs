namespace Sampan.Engine.Health;

/// <summary>What a container's probes say of it.</summary>
public enum HealthStatus
{
    /// <summary>No probe has succeeded yet, and not enough have failed.</summary>
    Starting,

    /// <summary>The last probe succeeded, or not enough have failed since.</summary>
    Healthy,

    /// <summary>As many probes in a row have failed as the container's retries allow.</summary>
    Unhealthy,
}
