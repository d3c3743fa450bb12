using System.Net;

namespace Sampan.Network;

/// <summary>One port of a container that is to be reachable from outside: <c>docker run -p HostAddress:HostPort-HostPortEnd:ContainerPort/Protocol</c>.</summary>
public sealed record PortRequest
{
    /// <summary>The transport protocol.</summary>
    public PortProtocol Protocol { get; init; } = PortProtocol.Tcp;

    /// <summary>The port inside the container, 1 to 65535.</summary>
    public required ushort ContainerPort { get; init; }

    /// <summary>The address of the host on which the port is reachable; null means the daemon's default, normally all.</summary>
    public IPAddress? HostAddress { get; init; }

    /// <summary>The first acceptable host port; 0 means any free port of the kernel's ephemeral range.</summary>
    public ushort HostPort { get; init; }

    /// <summary>The last acceptable host port, for <c>-p 8000-8010:80</c>: the first free one is taken; 0 means <see cref="HostPort"/> alone.</summary>
    public ushort HostPortEnd { get; init; }
}
