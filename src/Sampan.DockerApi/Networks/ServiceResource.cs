namespace Sampan.DockerApi.Networks;

/// <summary>A service on a network, in the words of docker's swarm: one virtual address for several containers.</summary>
public sealed record ServiceResource
{
    /// <summary>The virtual address; that of version 4 where there are both.</summary>
    public string VIP { get; init => field = value ?? ""; } = "";

    /// <summary>The published ports, such as "Target: 80, Publish: 8080".</summary>
    public IReadOnlyList<string>? Ports { get; init; }

    /// <summary>Of swarm's balancer; always 0.</summary>
    public int LocalLBIndex { get; init; }

    /// <summary>The containers.</summary>
    public IReadOnlyList<ServiceTaskResource>? Tasks { get; init; }

    /// <summary>The virtual address of version 6; docker knows none.</summary>
    public string? VIP6 { get; init; }

    /// <summary>Further names that mean the virtual address; docker shows none.</summary>
    public IReadOnlyList<string>? Names { get; init; }
}
