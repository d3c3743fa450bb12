namespace Sampan.Network;

/// <summary>A container's wish to be on a network; the first one makes its namespace.</summary>
public sealed record EndpointRequest
{
    /// <summary>The container's id: letters, digits, <c>_</c>, <c>.</c> and <c>-</c>; it names the namespace file.</summary>
    public required string ContainerId { get; init; }

    /// <summary>The container's name, for messages and for <c>network inspect</c>; null means its id.</summary>
    public string? ContainerName { get; init; }

    /// <summary>The network's name or id; <c>bridge</c>, <c>host</c>, <c>none</c> always exist, and <c>default</c> means <c>bridge</c>.</summary>
    public required string NetworkName { get; init; }

    /// <summary>A fixed address inside the network's subnet, or null for the next free one.</summary>
    public string? IPv4Address { get; init; }

    /// <summary>A fixed address of version 6 inside the network's subnet, or null for the next free one, if it has any.</summary>
    public string? IPv6Address { get; init; }

    /// <summary>Further addresses of the link, of either version, beside the network's; nobody else keeps to them.</summary>
    public IReadOnlyList<string> LinkLocalAddresses { get; init; } = [];

    /// <summary>A fixed hardware address (<c>02:42:ac:11:00:02</c>), or null to derive one from the address.</summary>
    public string? MacAddress { get; init; }

    /// <summary>The user's further names of the container on this network.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Names that this container alone calls others by: <c>CONTAINER:NAME</c>.</summary>
    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>Of several networks, the one with the highest gives the default route; among equals the first by name.</summary>
    public long GatewayPriority { get; init; }

    /// <summary>The endpoint's options in Docker's names (<c>com.docker.network.endpoint.ifname</c>).</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Addresses of servers that the container's resolver asks for names outside; empty: the host's. Given with the first network.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];

    /// <summary>
    /// The service that the container is one of, or null. Containers of a service share a virtual address and names on each network,
    /// and published ports; they get connections when <see cref="NetworkService.SetReadyAsync"/> says so.
    /// </summary>
    public string? Service { get; init; }

    /// <summary>Its namespace belongs to the user namespace of <see cref="NetworkOptions.MakeMapped"/>, if there is one. Given with the first network.</summary>
    public bool IsMapped { get; init; }

    /// <summary>The container's host name.</summary>
    public required string Hostname { get; init; }

    /// <summary>The ports to publish, given with the container's first network; they follow the default route.</summary>
    public IReadOnlyList<PortRequest> Ports { get; init; } = [];
}
