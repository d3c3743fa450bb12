namespace Sampan.DockerApi.Containers;

/// <summary>An address of the host that leads to a port of the container.</summary>
public sealed record PortBinding
{
    /// <summary>Address on the host; empty: all.</summary>
    public string HostIp { get; init => field = value ?? ""; } = "";

    /// <summary>Port on the host, or a range; empty: any free port.</summary>
    public string HostPort { get; init => field = value ?? ""; } = "";
}
