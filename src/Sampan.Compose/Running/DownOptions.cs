namespace Sampan.Compose.Running;

/// <summary>How a project is taken away.</summary>
public sealed record DownOptions
{
    /// <summary>The services; empty: the whole project.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Whether volumes go.</summary>
    public bool Volumes { get; init; }

    /// <summary>Whether containers of services that are gone go.</summary>
    public bool RemoveOrphans { get; init; }

    /// <summary>Which images go: <c>local</c> those without a name of their own, or <c>all</c>; null: none.</summary>
    public string? Images { get; init; }

    /// <summary>Seconds between the signal that stops a container and the one that kills it; null: the service's own.</summary>
    public int? StopSeconds { get; init; }
}
