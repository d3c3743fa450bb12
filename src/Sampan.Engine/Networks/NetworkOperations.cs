using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Plugins;
using Sampan.Network;

namespace Sampan.Engine.Networks;

/// <summary>Makes, lists and removes networks, and connects containers to them. Thread-safe.</summary>
public sealed partial class NetworkOperations
{
    private readonly EngineParts _parts;

    internal NetworkOperations(EngineParts parts) => _parts = parts;

    /// <summary>All networks with the containers on them.</summary>
    public IReadOnlyList<NetworkSnapshot> List() => [.. _parts.Network.Networks.Select(Of)];

    /// <summary>A network by name, id or the beginning of an id.</summary>
    /// <param name="idOrName">Which.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.InvalidArgument"/>: several ids begin so.</exception>
    public NetworkSnapshot Get(string idOrName) => Of(Find(idOrName));

    /// <summary>The network namespaces made ahead of the containers that will need them.</summary>
    public NetworkPool Pool
    {
        get
        {
            var pool = _parts.Network.Pool;
            return new NetworkPool(pool.Size, pool.BareSize, pool.Ready, pool.BareReady, pool.Taken, pool.Missed);
        }
    }

    /// <summary>From where the ports of running containers can be reached, and why.</summary>
    public IReadOnlyList<Exposure> Exposures() => ExposureReport.Of(_parts.Registry.All.Select(c => c.Current), _parts.Network.Networks);

    /// <summary>Makes a network.</summary>
    /// <param name="wish">What it is to be.</param>
    /// <param name="ct">Heeded before anything is made.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: the name is taken; <see cref="ErrorKind.InvalidArgument"/>, <see cref="ErrorKind.NotSupported"/>, <see cref="ErrorKind.Forbidden"/>.</exception>
    public async Task<NetworkSnapshot> CreateAsync(NetworkWishes wish, CancellationToken ct)
    {
        PluginDrivers.Refuse(_parts, wish.Driver, "network");
        PluginDrivers.Refuse(_parts, wish.AddressDriver, "address");
        var made = await Translate.RunAsync(() => _parts.Network.CreateAsync(
            new NetworkRequest
            {
                Name = wish.Name,
                Driver = wish.Driver,
                Subnets = [.. wish.Subnets.Select(s => new SubnetRequest { Subnet = s.Subnet, Range = s.Range, Gateway = s.Gateway, Auxiliary = s.Auxiliary })],
                IPv4 = wish.IPv4,
                IPv6 = wish.IPv6,
                Internal = wish.Internal,
                Attachable = wish.Attachable,
                ConfigurationOnly = wish.ConfigurationOnly,
                ConfigurationName = wish.ConfigurationName,
                AddressDriver = wish.AddressDriver,
                AddressOptions = wish.AddressOptions,
                Options = wish.Options,
                Labels = wish.Labels,
            },
            ct));
        Publish(made, "create");
        return Of(made);
    }

    /// <summary>Removes a network that no running container is on.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="ct">Heeded before anything is done.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Forbidden"/>: it is predefined or in use.</exception>
    public async Task RemoveAsync(string idOrName, CancellationToken ct)
    {
        var network = Find(idOrName);
        await Translate.RunAsync(() => _parts.Network.RemoveAsync(network.Id, ct));
        Publish(network, "destroy");
    }

    /// <summary>Removes all networks that no running container is on and that pass the filter; the predefined ones and configurations stay.</summary>
    /// <param name="wanted">Which of them.</param>
    /// <param name="ct">Heeded between networks.</param>
    /// <returns>The names of the removed ones.</returns>
    public async Task<IReadOnlyList<string>> PruneAsync(Func<NetworkSnapshot, bool> wanted, CancellationToken ct)
    {
        var removed = new List<string>();
        foreach (var network in _parts.Network.Networks.Where(n => n is { IsPredefined: false, Configuration: null } && n.Members.Count == 0 && wanted(Of(n))))
        {
            try
            {
                await Translate.RunAsync(() => _parts.Network.RemoveAsync(network.Id, ct));
            }
            catch (EngineException meanwhile) when (meanwhile.Kind is ErrorKind.NotFound or ErrorKind.Forbidden)
            {
                continue; // removed or connected to by somebody else
            }

            removed.Add(network.Name);
            Publish(network, "destroy");
        }

        _parts.Events.Pruned("network", 0);
        return removed;
    }

    private NetworkRecord Find(string idOrName) => NetworkNames.Find(_parts.Network.Networks, idOrName) ?? throw EngineException.NotFound($"network {idOrName} not found");

    /// <summary>Tells that a container came to a network or left it.</summary>
    internal static void Publish(EngineParts parts, string networkId, string action, string container)
    {
        if (parts.Network.Networks.FirstOrDefault(n => n.Id == networkId) is { } network)
            Publish(parts, network, action, container);
    }

    private void Publish(NetworkRecord network, string action, string? container = null) => Publish(_parts, network, action, container);

    private static void Publish(EngineParts parts, NetworkRecord network, string action, string? container)
    {
        var attributes = new Dictionary<string, string> { ["name"] = network.Name, ["type"] = network.Driver };
        if (container is not null)
            attributes["container"] = container;
        parts.Events.Publish("network", action, network.Id, attributes);
    }

    private static ServiceSnapshot Of(ServiceRecord service) => new()
    {
        Name = service.Name,
        Address = service.Address?.ToString(),
        Address6 = service.Address6?.ToString(),
        Names = service.Names,
        Tasks = [.. service.Members.Select(m => new ServiceTask(m.Endpoint.ContainerName, m.Endpoint.EndpointId, (m.Endpoint.Address ?? m.Endpoint.Address6)?.ToString(), m.IsReady, ContainerNetwork.Report(m.Endpoint.Ports)))],
    };

    private NetworkSnapshot Of(NetworkRecord network)
    {
        var members = _parts.Registry.All.Select(c => c.Current)
            .SelectMany(c => c.Endpoints.Where(e => e.NetworkName == network.Name && e.EndpointId.Length > 0 && c.IsRunning).Select(e => (Container: c, Endpoint: e)))
            .ToList();
        return new NetworkSnapshot
        {
            Id = network.Id,
            Name = network.Name,
            Created = network.Created,
            Driver = network.Driver,
            Subnets = network.Configuration is { } kept
                ? [.. kept.Subnets.Select(s => new SubnetSnapshot(s.Subnet ?? "", s.Gateway, s.Range) { Auxiliary = s.Auxiliary })]
                : [.. network.Subnets.Select(s => new SubnetSnapshot(s.Subnet, s.Gateway.ToString(), s.Range) { Auxiliary = s.Auxiliary })],
            WantsIPv4 = network.Configuration?.IPv4,
            WantsIPv6 = network.Configuration?.IPv6,
            IsConfiguration = network.Configuration is not null,
            ConfigurationName = network.ConfigurationName,
            AddressOptions = network.AddressOptions,
            Internal = network.Internal,
            Attachable = network.Attachable,
            IsPredefined = network.IsPredefined,
            Shortcut = network.Shortcut,
            Options = network.Options,
            Labels = network.Labels,
            Services = [.. network.Services.Select(Of)],
            Containers = members.ToDictionary(m => m.Container.Id, m => m.Endpoint),
            ContainerNames = members.ToDictionary(m => m.Container.Id, m => m.Container.Name),
        };
    }
}
