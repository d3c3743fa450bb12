using System.Net;

namespace Sampan.Network.Endpoints;

/// <summary>A published port as it is remembered.</summary>
internal sealed record PortRecord(PortProtocol Protocol, ushort ContainerPort, string HostAddress, ushort HostPort)
{
    internal static PortRecord From(PortMapping mapping) =>
        new(mapping.Protocol, mapping.ContainerPort, mapping.HostAddress.ToString(), mapping.HostPort);

    internal PortMapping ToMapping() => new()
    {
        Protocol = Protocol,
        ContainerPort = ContainerPort,
        HostAddress = IPAddress.Parse(HostAddress),
        HostPort = HostPort,
    };
}
