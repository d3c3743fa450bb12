namespace Sampan.Engine.Containers;

/// <summary>What networks a container joins, and what its resolver is told.</summary>
public sealed record NetworkWish
{
    /// <summary>Docker's <c>NetworkMode</c>: <c>default</c>, <c>bridge</c>, <c>host</c>, <c>none</c>, <c>container:ID</c> or a network's name.</summary>
    public string Mode { get; init; } = "default";

    /// <summary>The endpoint's wishes by network name, as in Docker's <c>EndpointsConfig</c>.</summary>
    public IReadOnlyDictionary<string, EndpointWish> Endpoints { get; init; } = new Dictionary<string, EndpointWish>();

    /// <summary>The hardware address of the first endpoint (Docker's old <c>Config.MacAddress</c>).</summary>
    public string? MacAddress { get; init; }

    /// <summary>No network at all but loopback (Docker's old <c>NetworkDisabled</c>).</summary>
    public bool Disabled { get; init; }

    /// <summary>DNS servers; empty: the engine's.</summary>
    public IReadOnlyList<string> Dns { get; init; } = [];

    /// <summary>Search domains; empty: the host's.</summary>
    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    /// <summary>Resolver options; empty: the host's.</summary>
    public IReadOnlyList<string> DnsOptions { get; init; } = [];

    /// <summary>Lines for <c>/etc/hosts</c>, each <c>name:address</c>; the address <c>host-gateway</c> means the host.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];
}
