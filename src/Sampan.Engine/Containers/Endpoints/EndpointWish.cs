using System.Collections.ObjectModel;

namespace Sampan.Engine.Containers.Endpoints;

/// <summary>What the user wants of one endpoint.</summary>
public sealed record EndpointWish
{
    /// <summary>A fixed IPv4 address; null: the next free one.</summary>
    public string? IPv4Address { get; init; }

    /// <summary>A fixed IPv6 address; null: none.</summary>
    public string? IPv6Address { get; init; }

    /// <summary>A fixed address of any version.</summary>
    internal bool HasAddress => IPv4Address is { Length: > 0 } || IPv6Address is { Length: > 0 };

    /// <summary>A fixed hardware address; null: derived from the IPv4 address.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Further addresses of the link, of either version.</summary>
    public IReadOnlyList<string> LinkLocalAddresses { get => field ?? []; init; }

    /// <summary>Further names on that network.</summary>
    public IReadOnlyList<string> Aliases { get => field ?? []; init; }

    /// <summary>Names that this container alone calls others by: <c>CONTAINER:NAME</c>.</summary>
    public IReadOnlyList<string> Links { get => field ?? []; init; }

    /// <summary>The network with the highest gives the default route.</summary>
    public long GatewayPriority { get; init; }

    /// <summary>Options for the network's driver.</summary>
    public IReadOnlyDictionary<string, string> DriverOptions { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
