namespace Sampan.Network.Endpoints;

/// <summary>
/// A container's namespace with its endpoints as it is remembered over the daemon's restarts, one JSON file beside the
/// namespace; also the lease of its ports.
/// </summary>
internal sealed record SandboxRecord
{
    internal const int CurrentSchema = 2;

    public int Schema { get; init; } = CurrentSchema;

    public required string ContainerId { get; init; }

    public required string ContainerName { get; init; }

    public string Hostname { get => field ?? ""; init; }

    /// <summary>In the order in which they were made; empty after the last one was disconnected.</summary>
    public IReadOnlyList<EndpointRecord> Endpoints { get => field ?? []; init; }

    /// <summary>Whom its resolver asks for names outside; empty: the host's resolvers.</summary>
    public IReadOnlyList<string> DnsServers { get => field ?? []; init; }

    /// <summary>The service that it is one of, or null.</summary>
    public string? Service { get; init; }

    /// <summary>The service's new connections may be given to it.</summary>
    public bool IsReady { get; init; }

    public IReadOnlyList<PortRecord> Ports { get => field ?? []; init; }

    internal EndpointRecord? On(string networkId) => Endpoints.FirstOrDefault(e => e.NetworkId == networkId);

    internal SandboxRecord With(EndpointRecord endpoint) => this with { Endpoints = [.. Endpoints, endpoint] };

    internal SandboxRecord Without(EndpointRecord endpoint) => this with { Endpoints = [.. Endpoints.Where(e => e != endpoint)] };
}
