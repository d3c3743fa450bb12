namespace Sampan.Network.Endpoints;

/// <summary>An endpoint as it is remembered over the daemon's restarts, one JSON file beside its namespace; also the lease of its address and ports.</summary>
internal sealed record EndpointRecord
{
    internal const int CurrentSchema = 1;

    public int Schema { get; init; } = CurrentSchema;

    public required string ContainerId { get; init; }

    public required string ContainerName { get; init; }

    public required string EndpointId { get; init; }

    public required string NetworkId { get; init; }

    /// <summary>Null on the networks <c>none</c> and <c>host</c>.</summary>
    public string? Address { get; init; }

    public int PrefixLength { get; init; }

    public string? MacAddress { get; init; }

    /// <summary>The host's end of the pair of links.</summary>
    public string? HostLink { get; init; }

    public IReadOnlyList<PortRecord> Ports { get; init; } = [];
}
