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
        routes.Map("GET", "/volumes/{name}", Inspect);
        routes.Map("DELETE", "/volumes/{name}", Remove);
    }

    private async Task Inspect(Exchange x) =>
        await x.WriteJsonAsync(200, VolumeMapper.ToInspect(await _volumes.GetAsync(x.Route("name"), x.Aborted).ConfigureAwait(false)), DockerApiJson.Wire.VolumeInspect).ConfigureAwait(false);

    private async Task List(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "dangling", "driver", "label", "label!", "name");
        var dangling = filters.Flag("dangling");
        var all = await _volumes.ListAllAsync(x.Aborted).ConfigureAwait(false);
        var volumes = all.Volumes.Where(v =>
            filters.Any("name", n => Filters.NameMatches(v.Name, n))
            && filters.Any("driver", d => d == v.Driver)
            && filters.Labels(VolumeMapper.ToLabels(v) ?? v.Labels)
            && (dangling is null || dangling == (_volumes.UsedBy(v.Name).Count == 0)));
        var answer = new VolumeListResponse { Volumes = [.. volumes.Select(v => VolumeMapper.ToInspect(v))], Warnings = all.Warnings.Count == 0 ? null : all.Warnings };
        await x.WriteJsonAsync(200, answer, DockerApiJson.Wire.VolumeListResponse).ConfigureAwait(false);
    }

    private async Task Create(Exchange x)
    {
        var request = await x.ReadJsonAsync(DockerApiJson.Wire.VolumeCreateRequest, Shape.VolumeCreate).ConfigureAwait(false);
        if (request.ClusterVolumeSpec is not null)
            throw AbsentEndpoints.OutsideSwarm();
        var none = new Dictionary<string, string>();
        var wish = new VolumeWish { Name = ContainerRequestMapper.Given(request.Name), Driver = ContainerRequestMapper.Given(request.Driver), Labels = request.Labels ?? none, Options = request.DriverOpts ?? none };
        var volume = await _volumes.CreateAsync(wish, x.Aborted).ConfigureAwait(false);
        await x.WriteJsonAsync(201, VolumeMapper.ToInspect(volume), DockerApiJson.Wire.VolumeInspect).ConfigureAwait(false);
    }

    private async Task Remove(Exchange x)
    {
        await _volumes.RemoveAsync(x.Route("name"), x.Flag("force"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(204).ConfigureAwait(false);
    }

    private async Task Prune(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "all", "label", "label!");
        var all = filters.Flag("all") ?? ApiVersionShims.PrunesNamedVolumes(x.Version);
        var pruned = await _volumes.PruneAsync(v => (all || v.Anonymous) && filters.Labels(VolumeMapper.ToLabels(v) ?? v.Labels), x.Aborted).ConfigureAwait(false);
        await x.WriteJsonAsync(200, new VolumesPruneReport { VolumesDeleted = pruned.Names, SpaceReclaimed = pruned.BytesReclaimed }, DockerApiJson.Wire.VolumesPruneReport).ConfigureAwait(false);
    }
}
