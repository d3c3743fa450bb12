using Sampan.DockerApi;
using Sampan.DockerApi.Networks;
using Sampan.Engine;
using Sampan.Engine.Networks;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Networks;

/// <summary>Networks. There are the three predefined ones; making others is refused by name.</summary>
internal sealed class NetworkEndpoints(DockerDaemon daemon)
{
    private readonly NetworkOperations _networks = daemon.Engine.Networks;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("GET", "/networks", List);
        routes.Map("POST", "/networks/create", Missing("creating networks"));
        routes.Map("POST", "/networks/prune", Prune);
        routes.Map("GET", "/networks/{id}", x => x.WriteJsonAsync(200, NetworkMapper.ToInspect(_networks.Get(x.Route("id")), containers: true), DockerApiJson.Wire.NetworkInspect, Shape.NetworkInspect));
        routes.Map("DELETE", "/networks/{id}", Remove);
        routes.Map("POST", "/networks/{id}/connect", Missing("connecting existing containers to networks"));
        routes.Map("POST", "/networks/{id}/disconnect", Missing("disconnecting containers from networks"));
    }

    private Task List(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "dangling", "driver", "id", "label", "name", "scope", "type");
        IReadOnlyList<NetworkInspect> networks = [.. _networks.List().Where(n => Matches(filters, n)).Select(n => NetworkMapper.ToInspect(n, containers: false))];
        return x.WriteJsonAsync(200, networks, DockerApiJson.Wire.NetworkInspectList, Shape.NetworkList);
    }

    private Task Prune(Exchange x)
    {
        _ = Filters.Parse(x.Query("filters"), "label", "label!", "until");
        // The predefined networks are never pruned, and there are no others.
        return x.WriteJsonAsync(200, new NetworksPruneReport { NetworksDeleted = [] }, DockerApiJson.Wire.NetworksPruneReport);
    }

    private Task Remove(Exchange x)
    {
        var network = _networks.Get(x.Route("id"));
        throw new EngineException(ErrorKind.Forbidden, $"{network.Name} is a pre-defined network and cannot be removed");
    }

    private static Handler Missing(string what) => _ => throw new EngineException(ErrorKind.NotSupported, $"{what} is not supported by this engine");

    private static bool Matches(Filters filters, NetworkSnapshot network) =>
        filters.Any("name", v => network.Name.Contains(v, StringComparison.Ordinal))
        && filters.Any("id", v => network.Id.StartsWith(v, StringComparison.Ordinal))
        && filters.Any("driver", v => network.Driver == v)
        && filters.Any("scope", v => v == "local")
        && filters.Any("type", v => v == "builtin")
        && filters.Flag("dangling") is not true
        && filters.Labels(network.Labels);
}
