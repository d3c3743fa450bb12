using Sampan.DockerApi;
using Sampan.DockerApi.Volumes;
using Sampan.Engine.Volumes;
using Sampan.Server.Docker.Containers;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Volumes;

/// <summary>Volumes.</summary>
internal sealed class VolumeEndpoints(DockerDaemon daemon)
{
    private readonly VolumeOperations _volumes = daemon.Engine.Volumes;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("GET", "/volumes", List);
        routes.Map("POST", "/volumes/create", Create);
        routes.Map("POST", "/volumes/prune", Prune);
        routes.Map("GET", "/volumes/{name}", x => x.WriteJsonAsync(200, VolumeMapper.ToInspect(_volumes.Get(x.Route("name"))), DockerApiJson.Wire.VolumeInspect));
        routes.Map("DELETE", "/volumes/{name}", Remove);
    }

    private Task List(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "dangling", "driver", "label", "label!", "name");
        var dangling = filters.Flag("dangling");
        var volumes = _volumes.List().Where(v =>
            filters.Any("name", n => v.Name.Contains(n, StringComparison.Ordinal))
            && filters.Any("driver", d => d == "local")
            && filters.Labels(VolumeMapper.ToLabels(v) ?? v.Labels)
            && (dangling is null || dangling == (_volumes.UsedBy(v.Name).Count == 0)));
        var answer = new VolumeListResponse { Volumes = [.. volumes.Select(v => VolumeMapper.ToInspect(v))], Warnings = [] };
        return x.WriteJsonAsync(200, answer, DockerApiJson.Wire.VolumeListResponse);
    }

    private async Task Create(Exchange x)
    {
        var request = await x.ReadOptionalJsonAsync(DockerApiJson.Wire.VolumeCreateRequest).ConfigureAwait(false) ?? new VolumeCreateRequest();
        var none = new Dictionary<string, string>();
        var volume = _volumes.Create(
            ContainerRequestMapper.Given(request.Name),
            request.Labels ?? none,
            ContainerRequestMapper.Given(request.Driver),
            request.DriverOpts ?? none);
        await x.WriteJsonAsync(201, VolumeMapper.ToInspect(volume), DockerApiJson.Wire.VolumeInspect).ConfigureAwait(false);
    }

    private Task Remove(Exchange x)
    {
        _volumes.Remove(x.Route("name"), x.Flag("force"));
        return x.NoBody(204);
    }

    private Task Prune(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "all", "label", "label!");
        var all = filters.Flag("all") ?? ApiVersionShims.PrunesNamedVolumes(x.Version);
        var pruned = _volumes.Prune(v => (all || v.Anonymous) && filters.Labels(VolumeMapper.ToLabels(v) ?? v.Labels));
        return x.WriteJsonAsync(200, new VolumesPruneReport { VolumesDeleted = pruned.Names, SpaceReclaimed = pruned.BytesReclaimed }, DockerApiJson.Wire.VolumesPruneReport);
    }
}
