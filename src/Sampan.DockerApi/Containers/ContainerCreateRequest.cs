namespace Sampan.DockerApi.Containers;

/// <summary>The body of POST /containers/create: the configuration inline, the host's part beside it.</summary>
public sealed record ContainerCreateRequest : ContainerConfig
{
    /// <summary>What depends on the host: mounts, ports, limits, privileges.</summary>
    public HostConfig? HostConfig { get; init; }

    /// <summary>Settings of the endpoints the container is born with.</summary>
    public NetworkingConfig? NetworkingConfig { get; init; }
}
