namespace Sampan.Engine.Containers.Endpoints;

/// <summary>A container's place on one network. Addresses exist only while it runs.</summary>
public sealed record EndpointSnapshot
{
    /// <summary>The network's name.</summary>
    public required string NetworkName { get; init; }

    /// <summary>The network's id.</summary>
    public string NetworkId { get => field ?? ""; init; }

    /// <summary>The endpoint's id, 64 hexadecimal digits; empty while not connected.</summary>
    public string EndpointId { get => field ?? ""; init; }

    /// <summary>The IPv4 address; null: none.</summary>
    public string? Address { get; init; }

    /// <summary>The network part of the address in bits.</summary>
    public int PrefixLength { get; init; }

    /// <summary>The way out; null: none.</summary>
    public string? Gateway { get; init; }

    /// <summary>The IPv6 address; null: none.</summary>
    public string? Address6 { get; init; }

    /// <summary>The network part of the IPv6 address in bits.</summary>
    public int PrefixLength6 { get; init; }

    /// <summary>The way out of IPv6; null: none.</summary>
    public string? Gateway6 { get; init; }

    /// <summary>The hardware address; null: none.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Published ports in force.</summary>
    public IReadOnlyList<PortSnapshot> Ports { get => field ?? []; init; }
}
