using System.Net;

namespace Sampan.Network;

/// <summary>A container's place on a network: where its namespace is and what it was given.</summary>
public sealed record NetworkAttachment
{
    /// <summary>The path of the network namespace to join; null for the host's own.</summary>
    public required string? NetnsPath { get; init; }

    /// <summary>64 hexadecimal digits.</summary>
    public required string EndpointId { get; init; }

    /// <summary>The network's id, 64 hexadecimal digits.</summary>
    public required string NetworkId { get; init; }

    /// <summary>The network's name.</summary>
    public required string NetworkName { get; init; }

    /// <summary>The container's address, or null on <c>host</c> and <c>none</c>.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The length of the subnet's prefix, or 0 where there is no address.</summary>
    public int PrefixLength { get; init; }

    /// <summary>The default gateway, or null.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The container's address of version 6, or null.</summary>
    public IPAddress? Address6 { get; init; }

    /// <summary>The length of its subnet's prefix, or 0.</summary>
    public int PrefixLength6 { get; init; }

    /// <summary>The default gateway of version 6, or null.</summary>
    public IPAddress? Gateway6 { get; init; }

    /// <summary>The hardware address (<c>02:42:ac:11:00:02</c>), or null.</summary>
    public string? MacAddress { get; init; }

    /// <summary>The ports published, each with the host port that was chosen.</summary>
    public IReadOnlyList<PortMapping> Ports { get; init; } = [];

    /// <summary>Name servers that the network itself provides; empty: those of the host.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];

    /// <summary>
    /// Completes when link, address, routes and firewall are in force, or fails with a <see cref="NetworkException"/>:
    /// await it before the container's own program runs. The namespace's path may be used at once.
    /// </summary>
    public Task Wired { get; init; } = Task.CompletedTask;
}
