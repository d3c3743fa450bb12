using System.Net;

namespace Sampan.Network;

/// <summary>A container on a network, as <c>docker network inspect</c> lists it.</summary>
public sealed record NetworkMember
{
    /// <summary>The container's id.</summary>
    public required string ContainerId { get; init; }

    /// <summary>The container's name when it was connected.</summary>
    public required string ContainerName { get; init; }

    /// <summary>The endpoint's id.</summary>
    public required string EndpointId { get; init; }

    /// <summary>The hardware address, or null.</summary>
    public string? MacAddress { get; init; }

    /// <summary>The address, or null.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The length of the subnet's prefix, 0 without an address.</summary>
    public int PrefixLength { get; init; }

    /// <summary>The address of version 6, or null.</summary>
    public IPAddress? Address6 { get; init; }

    /// <summary>The length of its subnet's prefix, 0 without an address.</summary>
    public int PrefixLength6 { get; init; }

    /// <summary>The container's published ports, with its first endpoint; empty with the others.</summary>
    public IReadOnlyList<PortMapping> Ports { get; init; } = [];
}
