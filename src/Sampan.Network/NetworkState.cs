using Sampan.Network.Bridges;
using Sampan.Network.Endpoints;
using Sampan.Network.Services;
using Sampan.Network.Wires;

namespace Sampan.Network;

/// <summary>A network while the daemon runs: its document and, for a bridge, its interface and addresses. Belongs to the host thread.</summary>
internal sealed class NetworkState(NetworkDocument document, AddressedNetwork? addressed)
{
    internal NetworkDocument Document { get; } = document;

    /// <summary>Null for <c>host</c> and <c>none</c>.</summary>
    internal AddressedNetwork? Addressed { get; } = addressed;

    /// <summary>Null for networks without a bridge.</summary>
    internal BridgeNetwork? Bridge => Addressed as BridgeNetwork;

    /// <summary>Null for networks that have no part in a parent's wire.</summary>
    internal WireNetwork? Wire => Addressed as WireNetwork;

    /// <summary>Why the network could not be set up when the daemon started; null: it works.</summary>
    internal string? Broken { get; init; }

    /// <summary>By their names.</summary>
    internal SortedDictionary<string, VirtualService> Services { get; } = new(StringComparer.Ordinal);

    internal NetworkRecord ToRecord(IReadOnlyCollection<SandboxRecord> sandboxes) => new()
    {
        Id = Document.Id,
        Name = Document.Name,
        Driver = Document.Driver,
        Created = Document.Created,
        Subnets = Addressed is null ? [] : [.. Addressed.Subnets.Select(s => s.ToRecord())],
        Bridge = Bridge?.Name,
        Mtu = Addressed?.Mtu,
        Internal = Document.Internal,
        ObeysHost = Bridge is { ObeysHost: true, IsInternal: false },
        Attachable = Document.Attachable,
        IsPredefined = IsPredefined,
        Configuration = Document.Configuration is { } kept ? new NetworkRequest { Name = Document.Name, Subnets = kept.Subnets, IPv4 = kept.IPv4, IPv6 = kept.IPv6 } : null,
        ConfigurationName = Document.ConfigurationName,
        AddressOptions = Document.Configuration?.AddressOptions ?? Document.AddressOptions,
        Options = Document.Options,
        Labels = Document.Labels,
        Services = [.. Services.Values.Select(s => ToRecord(s, sandboxes))],
        Members = [.. sandboxes.SelectMany(s => s.Endpoints.Where(e => e.NetworkId == Document.Id).Select(e => ToMember(s, e)))],
    };

    internal bool IsPredefined => DefaultNetworks.All.Any(d => d.Name == Document.Name);

    private ServiceRecord ToRecord(VirtualService service, IReadOnlyCollection<SandboxRecord> sandboxes) => new()
    {
        Name = service.Name,
        Address = service.AddressOf(version6: false),
        Address6 = service.AddressOf(version6: true),
        Names = service.Names,
        Members =
        [
            .. sandboxes.Where(s => s.Service == service.Name)
                .SelectMany(s => s.Endpoints.Where(e => e.NetworkId == Document.Id).Select(e => new ServiceMember(ToMember(s, e), s.IsReady)))
                .OrderBy(m => m.Endpoint.ContainerName, StringComparer.Ordinal),
        ],
    };

    private static NetworkMember ToMember(SandboxRecord sandbox, EndpointRecord endpoint) => new()
    {
        ContainerId = sandbox.ContainerId,
        ContainerName = sandbox.ContainerName,
        EndpointId = endpoint.EndpointId,
        MacAddress = endpoint.MacAddress,
        Address = endpoint.AddressOf(version6: false),
        PrefixLength = endpoint.PrefixLength,
        Address6 = endpoint.AddressOf(version6: true),
        PrefixLength6 = endpoint.PrefixLength6,
        Ports = sandbox.Endpoints[0] == endpoint ? [.. sandbox.Ports.Select(p => p.ToMapping())] : [],
    };
}
