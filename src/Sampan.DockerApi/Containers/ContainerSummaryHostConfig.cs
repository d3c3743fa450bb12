namespace Sampan.DockerApi.Containers;

/// <summary>The part of the host configuration that a container list shows.</summary>
public sealed record ContainerSummaryHostConfig
{
    /// <summary>The network mode.</summary>
    public string? NetworkMode { get; init; }

    /// <summary>Annotations.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
