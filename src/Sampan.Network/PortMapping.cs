using System.Net;

namespace Sampan.Network;

/// <summary>A published port as it is in force.</summary>
public sealed record PortMapping
{
    /// <summary>The transport protocol.</summary>
    public required PortProtocol Protocol { get; init; }

    /// <summary>The port inside the container.</summary>
    public required ushort ContainerPort { get; init; }

    /// <summary>The address of the host on which the port is reachable; <see cref="IPAddress.Any"/> for all.</summary>
    public required IPAddress HostAddress { get; init; }

    /// <summary>The port on the host; 0: the port is open at the container's own address, on a network of the mode <c>routed</c>.</summary>
    public required ushort HostPort { get; init; }
}
