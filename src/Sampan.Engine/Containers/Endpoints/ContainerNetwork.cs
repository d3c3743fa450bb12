using System.Net;
using System.Net.Sockets;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Networks;
using Sampan.Engine.Services;
using Sampan.Network;

namespace Sampan.Engine.Containers.Endpoints;

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

    /// <summary>The places of a new container: the mode's network first. Names and ids of networks that exist are found, others stay as they are given.</summary>
    public static IReadOnlyList<EndpointSnapshot> Places(NetworkWish wish, IReadOnlyList<NetworkRecord> networks)
    {
        if (NameOf(wish) is not { } first)
            return [];
        return [.. wish.Endpoints.Keys.Prepend(first).Select(Placed).DistinctBy(e => e.NetworkName)];

        EndpointSnapshot Placed(string given)
        {
            var network = NetworkNames.Find(networks, given);
            return new EndpointSnapshot { NetworkName = network?.Name ?? given, NetworkId = network?.Id ?? "" };
        }
    }

    /// <summary>The wishes with their networks called by name.</summary>
    public static NetworkWish Named(NetworkWish wish, IReadOnlyList<NetworkRecord> networks)
    {
        if (wish.Endpoints.Count == 0)
            return wish;
        var named = new Dictionary<string, EndpointWish>(StringComparer.Ordinal);
        foreach (var (given, endpoint) in wish.Endpoints)
            named[NetworkNames.Find(networks, given)?.Name ?? given] = endpoint;
        return wish with { Endpoints = named };
    }

    /// <summary>Whether containers have names on a network: on all but those that every engine has.</summary>
    public static bool HasNames(string network) => network is not ("bridge" or "host" or "none");

    /// <summary>The request to connect.</summary>
    /// <param name="container">Which.</param>
    /// <param name="network">To which.</param>
    /// <param name="dns">The engine's servers for containers that ask for none.</param>
    public static EndpointRequest Request(ContainerSnapshot container, string network, IReadOnlyList<string> dns)
    {
        var wish = container.Spec.Network;
        var endpoint = wish.Endpoints.GetValueOrDefault(network) ?? new EndpointWish();
        return new EndpointRequest
        {
            ContainerId = container.Id,
            ContainerName = container.Name,
            NetworkName = network,
            Hostname = container.Spec.Hostname ?? container.Id[..12],
            IPv4Address = endpoint.IPv4Address,
            IPv6Address = endpoint.IPv6Address,
            LinkLocalAddresses = endpoint.LinkLocalAddresses,
            MacAddress = endpoint.MacAddress ?? wish.MacAddress,
            DnsServers = wish.Dns.Count > 0 ? wish.Dns : dns,
            Service = ServiceLabels.ServiceOf(container.Spec),
            Aliases = endpoint.Aliases,
            Links = endpoint.Links,
            GatewayPriority = endpoint.GatewayPriority,
            Options = endpoint.DriverOptions,
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
        Address6 = attachment.Address6?.ToString(),
        PrefixLength6 = attachment.PrefixLength6,
        Gateway6 = attachment.Gateway6?.ToString(),
        MacAddress = attachment.MacAddress,
        Ports = Report(attachment.Ports),
    };

    /// <summary>A place as the network remembers it.</summary>
    public static EndpointSnapshot Report(NetworkRecord network, NetworkMember member) => new()
    {
        NetworkName = network.Name,
        NetworkId = network.Id,
        EndpointId = member.EndpointId,
        Address = member.Address?.ToString(),
        PrefixLength = member.PrefixLength,
        Gateway = GatewayOf(network, AddressFamily.InterNetwork),
        Address6 = member.Address6?.ToString(),
        PrefixLength6 = member.PrefixLength6,
        Gateway6 = member.Address6 is null ? null : GatewayOf(network, AddressFamily.InterNetworkV6),
        MacAddress = member.MacAddress,
        Ports = Report(member.Ports),
    };

    private static string? GatewayOf(NetworkRecord network, AddressFamily family) =>
        network.Internal ? null : network.Subnets.Select(s => s.Gateway).FirstOrDefault(g => g.AddressFamily == family)?.ToString();

    /// <summary>The ports as they are reported.</summary>
    public static IReadOnlyList<PortSnapshot> Report(IReadOnlyList<PortMapping> ports) =>
        [.. ports.Select(p => new PortSnapshot(new ContainerPort(p.ContainerPort, Ours(p.Protocol)), p.HostAddress.ToString(), p.HostPort))];

    /// <summary>The wishes as requests.</summary>
    public static List<PortRequest> Ports(IReadOnlyList<PublishedPort> ports) =>
    [
        .. ports.Select(p => new PortRequest
        {
            Protocol = Theirs(p.Port.Protocol),
            ContainerPort = p.Port.Number,
            HostAddress = p.HostAddress is null ? null : IPAddress.Parse(p.HostAddress),
            HostPort = p.HostPort ?? 0,
            HostPortEnd = p.HostPortEnd ?? p.HostPort ?? 0,
        }),
    ];

    private static List<PortRequest> Ports(ContainerSpec spec)
    {
        var requests = Ports(spec.PublishedPorts);
        if (spec.PublishAllPorts)
        {
            var named = spec.PublishedPorts.Select(p => p.Port).ToHashSet();
            requests.AddRange(spec.ExposedPorts.Where(p => !named.Contains(p)).Select(p => new PortRequest { Protocol = Theirs(p.Protocol), ContainerPort = p.Number }));
        }

        return requests;
    }

    /// <summary>A protocol in the network's terms.</summary>
    public static Sampan.Network.PortProtocol Theirs(PortProtocol protocol) => protocol switch
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
