using System.Net;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;
using Sampan.Network.Endpoints;
using Sampan.Network.Firewall;

namespace Sampan.Network;

/// <summary>A network while the daemon runs: its document and, for a bridge, its interface and addresses. Belongs to the host thread.</summary>
internal sealed class NetworkState(NetworkDocument document, BridgeNetwork? bridge)
{
    internal NetworkDocument Document { get; } = document;

    /// <summary>Null for <c>host</c> and <c>none</c>.</summary>
    internal BridgeNetwork? Bridge { get; } = bridge;

    internal NetworkRecord ToRecord(IEnumerable<EndpointRecord> endpoints) => new()
    {
        Id = Document.Id,
        Name = Document.Name,
        Driver = Document.Driver,
        Created = Document.Created,
        Subnet = Bridge?.Subnet.ToString(),
        Gateway = Bridge?.Gateway,
        Bridge = Bridge?.Name,
        Mtu = Bridge?.Mtu,
        Internal = Document.Internal,
        Options = Document.Options,
        Labels = Document.Labels,
        Members = [.. endpoints.Where(e => e.NetworkId == Document.Id).Select(ToMember)],
    };

    private static NetworkMember ToMember(EndpointRecord endpoint) => new()
    {
        ContainerId = endpoint.ContainerId,
        ContainerName = endpoint.ContainerName,
        EndpointId = endpoint.EndpointId,
        MacAddress = endpoint.MacAddress,
        Address = endpoint.Address is { } address ? IPAddress.Parse(address) : null,
        PrefixLength = endpoint.PrefixLength,
    };
}

/// <summary>The interface and addresses of a bridge network.</summary>
internal sealed class BridgeNetwork(string name, int index, Subnet subnet, IPAddress gateway, int mtu, bool isInternal, AddressPool addresses)
{
    internal string Name { get; } = name;

    /// <summary>The interface's number on the host.</summary>
    internal int Index { get; } = index;

    internal Subnet Subnet { get; } = subnet;

    internal IPAddress Gateway { get; } = gateway;

    internal int Mtu { get; } = mtu;

    internal bool IsInternal { get; } = isInternal;

    internal AddressPool Addresses { get; } = addresses;

    internal FirewallNetwork ForFirewall() => new(Name, Subnet, IsInternal);
}
