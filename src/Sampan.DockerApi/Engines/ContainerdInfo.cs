namespace Sampan.DockerApi.Engines;

/// <summary>How to reach containerd.</summary>
public sealed record ContainerdInfo
{
    /// <summary>Its socket.</summary>
    public string? Address { get; init; }

    /// <summary>Its namespaces.</summary>
    public ContainerdNamespaces? Namespaces { get; init; }
}
