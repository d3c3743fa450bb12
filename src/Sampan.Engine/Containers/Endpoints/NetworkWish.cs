using System.Collections.ObjectModel;

namespace Sampan.Engine.Containers.Endpoints;

/// <summary>What networks a container joins, and what its resolver is told.</summary>
public sealed record NetworkWish
{
    /// <summary>Docker's <c>NetworkMode</c>: <c>default</c>, <c>bridge</c>, <c>host</c>, <c>none</c>, <c>container:ID</c> or a network's name.</summary>
    public string Mode { get => field ?? "default"; init; }

    /// <summary>The endpoint's wishes by network name, as in Docker's <c>EndpointsConfig</c>.</summary>
    public IReadOnlyDictionary<string, EndpointWish> Endpoints { get => field ?? ReadOnlyDictionary<string, EndpointWish>.Empty; init; }

    /// <summary>The hardware address of the first endpoint (Docker's old <c>Config.MacAddress</c>).</summary>
    public string? MacAddress { get; init; }

    /// <summary>Old links on the default network: <c>CONTAINER[:NAME]</c>.</summary>
    public IReadOnlyList<string> Links { get => field ?? []; init; }

    /// <summary>No network at all but loopback (Docker's old <c>NetworkDisabled</c>).</summary>
    public bool Disabled { get; init; }

    /// <summary>DNS servers; empty: the engine's.</summary>
    public IReadOnlyList<string> Dns { get => field ?? []; init; }

    /// <summary>Search domains; empty: the host's.</summary>
    public IReadOnlyList<string> DnsSearch { get => field ?? []; init; }

    /// <summary>Resolver options; empty: the host's.</summary>
    public IReadOnlyList<string> DnsOptions { get => field ?? []; init; }

    /// <summary>Lines for <c>/etc/hosts</c>, each <c>name:address</c>; the address <c>host-gateway</c> means the host.</summary>
    public IReadOnlyList<string> ExtraHosts { get => field ?? []; init; }
}
