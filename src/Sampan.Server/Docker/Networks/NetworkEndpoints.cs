using Sampan.DockerApi;
using Sampan.DockerApi.Networks;
using Sampan.Engine;
using Sampan.Engine.Networks;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Networks;

/// <summary>Networks.</summary>
internal sealed class NetworkEndpoints(DockerDaemon daemon)
{
    private readonly NetworkOperations _networks = daemon.Engine.Networks;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("GET", "/networks", List);
        routes.Map("POST", "/networks/create", Create);
        routes.Map("POST", "/networks/prune", Prune);
        routes.Map("GET", "/networks/{id}", Inspect);
        routes.Map("DELETE", "/networks/{id}", Remove);
        routes.Map("POST", "/networks/{id}/connect", Connect);
        routes.Map("POST", "/networks/{id}/disconnect", Disconnect);
        routes.Map("GET", "/sampan/exposure", Exposure);
    }

    private Task List(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "dangling", "driver", "id", "label", "name", "scope", "type");
        IReadOnlyList<NetworkInspect> networks = [.. _networks.List().Where(n => Matches(filters, n)).Select(n => NetworkMapper.ToInspect(n, containers: ApiVersionShims.ListsNetworkMembers(x.Version)))];
        return x.WriteJsonAsync(200, networks, DockerApiJson.Wire.NetworkInspectList, Shape.NetworkList);
    }

    private Task Inspect(Exchange x)
    {
        // "verbose" adds a swarm's services, of which there are none.
        _ = x.StrictFlag("verbose");
        var id = x.Route("id");
        if (x.Query("scope") is not (null or "local"))
            throw new EngineException(ErrorKind.NotFound, $"network {id} not found");
        return x.WriteJsonAsync(200, NetworkMapper.ToInspect(_networks.Get(id), containers: true), DockerApiJson.Wire.NetworkInspect, Shape.NetworkInspect);
    }

    private Task Exposure(Exchange x)
    {
        IReadOnlyList<ExposureEntry> lines = [.. _networks.Exposures().Select(e => new ExposureEntry { Container = e.Container, Network = e.Network, Port = e.Port, At = e.At, From = e.From, Why = e.Why })];
        return x.WriteJsonAsync(200, lines, StoreJson.Wire.ExposureEntryList);
    }

    private async Task Create(Exchange x)
    {
        var request = await x.ReadJsonAsync(DockerApiJson.Wire.NetworkCreateRequest, Shape.NetworkCreate).ConfigureAwait(false);
        var made = await _networks.CreateAsync(NetworkRequestMapper.ToWishes(request), x.Aborted).ConfigureAwait(false);
        await x.WriteJsonAsync(201, new NetworkCreateResponse { Id = made.Id }, DockerApiJson.Wire.NetworkCreateResponse).ConfigureAwait(false);
    }

    private async Task Connect(Exchange x)
    {
        var request = await x.ReadJsonAsync(DockerApiJson.Wire.NetworkConnectRequest).ConfigureAwait(false);
        var wish = NetworkRequestMapper.ToWish(x.Route("id"), request.EndpointConfig);
        await _networks.ConnectAsync(x.Route("id"), request.Container, wish, x.Aborted).ConfigureAwait(false);
        await x.NoBody(200).ConfigureAwait(false);
    }

    private async Task Disconnect(Exchange x)
    {
        var request = await x.ReadJsonAsync(DockerApiJson.Wire.NetworkDisconnectRequest).ConfigureAwait(false);
        await _networks.DisconnectAsync(x.Route("id"), request.Container, request.Force, x.Aborted).ConfigureAwait(false);
        await x.NoBody(200).ConfigureAwait(false);
    }

    private async Task Prune(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "label", "label!", "until");
        var until = filters.Until(daemon.Time.GetUtcNow());
        var names = await _networks.PruneAsync(n => filters.Labels(n.Labels) && (until is null || n.Created < until), x.Aborted).ConfigureAwait(false);
        await x.WriteJsonAsync(200, new NetworksPruneReport { NetworksDeleted = names }, DockerApiJson.Wire.NetworksPruneReport).ConfigureAwait(false);
    }

    private async Task Remove(Exchange x)
    {
        await _networks.RemoveAsync(x.Route("id"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(204).ConfigureAwait(false);
    }

    private static bool Matches(Filters filters, NetworkSnapshot network) =>
        filters.Any("name", v => network.Name.Contains(v, StringComparison.Ordinal))
        && filters.Any("id", v => network.Id.StartsWith(v, StringComparison.Ordinal))
        && filters.Any("driver", v => network.Driver == v)
        && filters.Any("scope", v => v == "local")
        && filters.Any("type", v => v switch { "builtin" => network.IsPredefined, "custom" => !network.IsPredefined, _ => throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter: 'type'='{v}'") })
        && (filters.Flag("dangling") is not { } dangling || dangling == (!network.IsPredefined && network.Containers.Count == 0))
        && filters.Labels(network.Labels);
}
