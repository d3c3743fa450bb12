using Sampan.Network;

namespace Sampan.Engine.Networks;

/// <summary>What can be asked of networks. Making, connecting and removing them is not supported yet. Thread-safe.</summary>
public sealed class NetworkOperations
{
    private readonly EngineParts _parts;

    internal NetworkOperations(EngineParts parts) => _parts = parts;

    /// <summary>All networks with the containers on them.</summary>
    public IReadOnlyList<NetworkSnapshot> List() => [.. _parts.Network.Networks.Select(Of)];

    /// <summary>A network by name, id or the beginning of an id.</summary>
    /// <param name="idOrName">Which.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.InvalidArgument"/>: several ids begin so.</exception>
    public NetworkSnapshot Get(string idOrName)
    {
        var all = _parts.Network.Networks;
        var exact = all.FirstOrDefault(n => n.Name == idOrName || n.Id == idOrName);
        if (exact is not null)
            return Of(exact);
        var matches = idOrName.Length == 0 ? [] : all.Where(n => n.Id.StartsWith(idOrName, StringComparison.Ordinal)).ToList();
        return matches.Count switch
        {
            1 => Of(matches[0]),
            0 => throw EngineException.NotFound($"network {idOrName} not found"),
            _ => throw EngineException.Invalid($"network {idOrName} is ambiguous ({matches.Count} matches found on ID prefix)"),
        };
    }

    private NetworkSnapshot Of(NetworkRecord network)
    {
        var members = _parts.Registry.All.Select(c => c.Current)
            .SelectMany(c => c.Endpoints.Where(e => e.NetworkName == network.Name && c.IsRunning).Select(e => (Container: c, Endpoint: e)))
            .ToList();
        return new NetworkSnapshot
        {
            Id = network.Id,
            Name = network.Name,
            Created = network.Created,
            Driver = network.Driver,
            Subnet = network.Subnet,
            Gateway = network.Gateway?.ToString(),
            Options = network.Options,
            Labels = network.Labels,
            Containers = members.ToDictionary(m => m.Container.Id, m => m.Endpoint),
            ContainerNames = members.ToDictionary(m => m.Container.Id, m => m.Container.Name),
        };
    }
}
