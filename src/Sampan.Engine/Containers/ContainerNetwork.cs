using System.Net;
using Sampan.Network;

namespace Sampan.Engine.Containers;

/// <summary>A container's wishes for its network in the terms of <see cref="Networks.INetworks"/>, and its answers in ours.</summary>
internal static class ContainerNetwork
{
    /// <summary>The name of the network that a mode means; null: another container's namespace is shared.</summary>
    public static string? NameOf(NetworkWish wish)
    {
        if (wish.Disabled)
            return "none";
        return wish.Mode switch
        {
            "" or "default" => "bridge",
            _ when wish.Mode.StartsWith("container:", StringComparison.Ordinal) => null,
            _ => wish.Mode,
        };
    }

    /// <summary>Whose network is shared; null: nobody's.</summary>
    public static string? SharedWith(NetworkWish wish) =>
        wish.Mode.StartsWith("container:", StringComparison.Ordinal) ? wish.Mode["container:".Length..] : null;

    /// <summary>The request to connect.</summary>
    public static EndpointRequest Request(ContainerSnapshot container, string network, string hostname)
    {
        var wish = container.Spec.Network;
        var endpoint = wish.Endpoints.GetValueOrDefault(network) ?? wish.Endpoints.GetValueOrDefault(wish.Mode) ?? new EndpointWish();
        return new EndpointRequest
        {
            ContainerId = container.Id,
            ContainerName = container.Name,
            NetworkName = network,
            Hostname = hostname,
            IPv4Address = endpoint.IPv4Address,
            MacAddress = endpoint.MacAddress ?? wish.MacAddress,
            Ports = network == "none" ? [] : Ports(container.Spec),
        };
    }

    /// <summary>The endpoint as it is reported.</summary>
    public static EndpointSnapshot Report(NetworkAttachment attachment) => new()
    {
        NetworkName = attachment.NetworkName,
        NetworkId = attachment.NetworkId,
        EndpointId = attachment.EndpointId,
        Address = attachment.Address?.ToString(),
        PrefixLength = attachment.PrefixLength,
        Gateway = attachment.Gateway?.ToString(),
        MacAddress = attachment.MacAddress,
        Ports = [.. attachment.Ports.Select(p => new PortSnapshot(new ContainerPort(p.ContainerPort, Ours(p.Protocol)), p.HostAddress.ToString(), p.HostPort))],
    };

    private static List<PortRequest> Ports(ContainerSpec spec)
    {
        var requests = spec.PublishedPorts.Select(p => new PortRequest
        {
            Protocol = Theirs(p.Port.Protocol),
            ContainerPort = p.Port.Number,
            HostAddress = p.HostAddress is null ? null : IPAddress.Parse(p.HostAddress),
            HostPort = p.HostPort ?? 0,
            HostPortEnd = p.HostPortEnd ?? p.HostPort ?? 0,
        }).ToList();
        if (spec.PublishAllPorts)
        {
            var named = spec.PublishedPorts.Select(p => p.Port).ToHashSet();
            requests.AddRange(spec.ExposedPorts.Where(p => !named.Contains(p)).Select(p => new PortRequest { Protocol = Theirs(p.Protocol), ContainerPort = p.Number }));
        }

        return requests;
    }

    private static Sampan.Network.PortProtocol Theirs(PortProtocol protocol) => protocol switch
    {
        PortProtocol.Tcp => Sampan.Network.PortProtocol.Tcp,
        PortProtocol.Udp => Sampan.Network.PortProtocol.Udp,
        _ => Sampan.Network.PortProtocol.Sctp,
    };

    private static PortProtocol Ours(Sampan.Network.PortProtocol protocol) => protocol switch
    {
        Sampan.Network.PortProtocol.Tcp => PortProtocol.Tcp,
        Sampan.Network.PortProtocol.Udp => PortProtocol.Udp,
        _ => PortProtocol.Sctp,
    };
}
