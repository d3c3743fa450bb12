namespace Sampan.DockerApi.Containers;

/// <summary>When the engine starts the container again.</summary>
public sealed record RestartPolicy
{
    /// <summary>no (or empty), always, unless-stopped or on-failure.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Most restarts of on-failure; 0: no limit.</summary>
    public int MaximumRetryCount { get; init; }
}
