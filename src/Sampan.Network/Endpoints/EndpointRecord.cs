using System.Net;

namespace Sampan.Network.Endpoints;

/// <summary>A container's place on one network as it is remembered; also the lease of its address.</summary>
internal sealed record EndpointRecord
{
    public required string EndpointId { get; init; }

    public required string NetworkId { get; init; }

    /// <summary>Null on the network <c>none</c>.</summary>
    public string? Address { get; init; }

    public int PrefixLength { get; init; }

    /// <summary>The address of version 6, or null.</summary>
    public string? Address6 { get; init; }

    /// <summary>The length of its subnet's prefix.</summary>
    public int PrefixLength6 { get; init; }

    internal IPAddress? AddressOf(bool version6) => (version6 ? Address6 : Address) is { } address ? IPAddress.Parse(address) : null;

    public string? MacAddress { get; init; }

    /// <summary>The host's end of the pair of links.</summary>
    public string? HostLink { get; init; }

    /// <summary>The container's end.</summary>
    public string? ContainerLink { get; init; }

    /// <summary>The endpoint with the highest one gives the default route.</summary>
    public long GatewayPriority { get; init; }

    /// <summary>The user's further names of the container on this network.</summary>
    public IReadOnlyList<string> Aliases { get => field ?? []; init; }

    /// <summary>Names that this container alone calls others by: <c>CONTAINER:NAME</c>.</summary>
    public IReadOnlyList<string> Links { get => field ?? []; init; }
}
