using Sampan.DockerApi;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Images;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Server.Docker.Images;
using Sampan.Server.Http;
using WaitCondition = Sampan.Engine.Containers.States.WaitCondition;

namespace Sampan.Server.Docker.Containers;

/// <summary>The life of containers.</summary>
internal sealed class ContainerEndpoints(DockerDaemon daemon)
{
    private readonly ContainerEngine _engine = daemon.Engine;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("GET", "/containers/json", List);
        routes.Map("POST", "/containers/create", Create);
        routes.Map("POST", "/containers/prune", Prune);
        routes.Map("GET", "/containers/{id}/json", Inspect);
        routes.Map("GET", "/containers/{id}/top", Top);
        routes.Map("POST", "/containers/{id}/start", Start);
        routes.Map("POST", "/containers/{id}/stop", Stop);
        routes.Map("POST", "/containers/{id}/restart", Restart);
        routes.Map("POST", "/containers/{id}/kill", Kill);
        routes.Map("POST", "/containers/{id}/pause", Pause);
        routes.Map("POST", "/containers/{id}/unpause", Unpause);
        routes.Map("POST", "/containers/{id}/rename", Rename);
        routes.Map("POST", "/containers/{id}/resize", Resize);
        routes.Map("POST", "/containers/{id}/update", Update);
        routes.Map("POST", "/containers/{id}/wait", Wait);
        routes.Map("DELETE", "/containers/{id*}", Remove);
    }

    private Task List(Exchange x)
    {
        var filter = new ContainerFilter(x.Query("filters"), _engine);
        var limit = x.Number("limit") ?? 0;
        var size = x.Flag("size");
        // Asking for states or for the last few asks for all that match.
        var all = x.Flag("all") || limit > 0 || filter.AsksForAll;
        var names = new ImageNames(_engine.Images.List());
        var now = daemon.Time.GetUtcNow();
        var wanted = _engine.Containers.List().Where(c => (all || c.IsRunning || StateWords.Of(c) == "restarting") && filter.Matches(c));
        if (limit > 0)
            wanted = wanted.Take((int)Math.Min(limit, int.MaxValue));
        IReadOnlyList<ContainerSummary> summaries =
            [.. wanted.Select(c => ContainerSummaryMapper.ToSummary(c, names.ToShow(c), now, size ? _engine.Containers.Sizes(c.Id) : null) with { ImageManifestDescriptor = names.Manifest(c) })];
        return x.WriteContainersAsync(summaries);
    }

    private async Task Create(Exchange x)
    {
        var request = await x.ReadJsonAsync(DockerApiJson.Wire.ContainerCreateRequest, Shape.ContainerCreate).ConfigureAwait(false);
        var spec = ContainerRequestMapper.FromRequest(request, x.Query("platform"));
        var limits = spec.Resources.Ulimits;
        var usual = daemon.DefaultUlimits.Where(d => !limits.Any(u => u.Name == d.Name));
        spec = spec with
        {
            Resources = spec.Resources with { Ulimits = [.. limits, .. usual] },
            Binds = ApiVersionShims.BindsRecursivelyReadOnly(x.Version) ? spec.Binds : [.. spec.Binds.Select(bind => bind with { ReadOnlyNonRecursive = true })],
            Namespaces = spec.Namespaces with { Cgroup = spec.Namespaces.Cgroup ?? ApiVersionShims.DefaultCgroupNamespace(x.Version, daemon.CgroupVersion) },
        };
        var created = await _engine.Containers.CreateAsync(spec, x.Query("name"), x.Aborted).ConfigureAwait(false);
        await x.WriteJsonAsync(201, new ContainerCreateResponse { Id = created.Id, Warnings = [.. created.Warnings, .. ApiVersionShims.Advise(request, x.Version), .. x.Warnings] }, DockerApiJson.Wire.ContainerCreateResponse).ConfigureAwait(false);
    }

    private Task Inspect(Exchange x)
    {
        var container = _engine.Containers.Get(x.Route("id"));
        var size = x.Flag("size") ? _engine.Containers.Sizes(container.Id) : ((long, long)?)null;
        var inspect = ContainerInspectMapper.ToInspect(container, size, ApiVersionShims.TellsWantedAddress(x.Version)) with
        {
            ImageManifestDescriptor = ManifestOf(container),
            GraphDriver = new DriverData { Name = container.Driver, Data = _engine.Containers.Storage(container.Id) },
        };
        return x.WriteJsonAsync(200, inspect, DockerApiJson.Wire.ContainerInspect, Shape.ContainerInspect);
    }

    private OciDescriptor? ManifestOf(ContainerSnapshot container) =>
        _engine.Images.TryGet(container.ImageId) is { Manifest: { } manifest } ? ImageMemberMapper.ToDescriptor(manifest) : null;

    private Task Top(Exchange x)
    {
        var table = _engine.Containers.Top(x.Route("id"), x.Query("ps_args"));
        return x.WriteJsonAsync(200, new TopResponse { Titles = table.Titles, Processes = table.Processes }, DockerApiJson.Wire.TopResponse);
    }

    private async Task Start(Exchange x)
    {
        if (x.Query("checkpoint") is not null || x.Query("checkpoint-dir") is not null)
            throw new EngineException(ErrorKind.NotSupported, "'checkpoint' is not supported");
        if (x.Http.Request.ContentLength > 0)
            throw new EngineException(ErrorKind.InvalidArgument, "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24");
        var outcome = await _engine.Containers.StartAsync(x.Route("id"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(outcome == StartOutcome.AlreadyRunning ? 304 : 204).ConfigureAwait(false);
    }

    private async Task Stop(Exchange x)
    {
        var outcome = await _engine.Containers.StopAsync(x.Route("id"), x.Seconds("t"), x.Query("signal"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(outcome == StopOutcome.AlreadyStopped ? 304 : 204).ConfigureAwait(false);
    }

    private async Task Restart(Exchange x)
    {
        await _engine.Containers.RestartAsync(x.Route("id"), x.Seconds("t"), x.Query("signal"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(204).ConfigureAwait(false);
    }

    private async Task Kill(Exchange x)
    {
        await _engine.Containers.KillAsync(x.Route("id"), x.Query("signal"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(204).ConfigureAwait(false);
    }

    private async Task Pause(Exchange x)
    {
        await _engine.Containers.PauseAsync(x.Route("id"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(204).ConfigureAwait(false);
    }

    private async Task Unpause(Exchange x)
    {
        await _engine.Containers.UnpauseAsync(x.Route("id"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(204).ConfigureAwait(false);
    }

    private async Task Rename(Exchange x)
    {
        var name = x.Query("name") ?? throw new EngineException(ErrorKind.InvalidArgument, "Neither old nor new names may be empty");
        await _engine.Containers.RenameAsync(x.Route("id"), name.TrimStart('/')).ConfigureAwait(false);
        await x.NoBody(204).ConfigureAwait(false);
    }

    private async Task Resize(Exchange x)
    {
        await _engine.Containers.ResizeAsync(x.Route("id"), TerminalQuery.Read(x), x.Aborted).ConfigureAwait(false);
        await x.NoBody(200).ConfigureAwait(false);
    }

    private async Task Update(Exchange x)
    {
        var request = await x.ReadJsonAsync(DockerApiJson.Wire.UpdateRequest, Shape.UpdateRequest).ConfigureAwait(false);
        var problems = new Problems();
        var wish = new Engine.Containers.UpdateRequest
        {
            Resources = ResourcesMapper.FromRequest(request, problems),
            Cleared = ResourcesMapper.Cleared(request),
            Restart = ContainerRequestMapper.MapRestart(request.RestartPolicy, problems),
            RestartOnUnhealthy = request.RestartOnUnhealthy,
            PublishAdd = PortMapper.Published(request.PublishAdd, problems),
            PublishRemove = PortMapper.Named(request.PublishRemove, problems),
        };
        problems.Throw();
        var warnings = await _engine.Containers.UpdateAsync(x.Route("id"), wish, x.Aborted).ConfigureAwait(false);
        if (RequestAdvice.KernelMemory(request) is { } advice)
            warnings = [.. warnings, advice];
        await x.WriteJsonAsync(200, new UpdateResponse { Warnings = warnings }, DockerApiJson.Wire.UpdateResponse).ConfigureAwait(false);
    }

    private async Task Wait(Exchange x)
    {
        var byCondition = ApiVersionShims.WaitsByCondition(x.Version);
        var condition = x.Query("condition") switch
        {
            null or "not-running" => WaitCondition.NotRunning,
            "next-exit" => WaitCondition.NextExit,
            "removed" => WaitCondition.Removed,
            var other => throw new EngineException(ErrorKind.InvalidArgument, $"invalid condition: \"{other}\""),
        };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(x.Aborted, daemon.Stopping);
        // The call registers the wait; clients start the container once they have the head.
        var exit = _engine.Containers.WaitAsync(x.Route("id"), condition, end.Token);
        if (exit.IsFaulted)
            await exit.ConfigureAwait(false);
        if (byCondition)
            await x.StartStreamAsync("application/json").ConfigureAwait(false);
        WaitResponse response;
        try
        {
            var status = await exit.ConfigureAwait(false);
            response = new WaitResponse { StatusCode = status.ExitCode, Error = status.Error is { } error ? new WaitError { Message = error } : null };
        }
        catch (EngineException failed)
        {
            if (condition == WaitCondition.Removed && !ApiVersionShims.TellsFailedRemoval(x.Version))
                return;
            response = new WaitResponse { StatusCode = 125, Error = new WaitError { Message = failed.Message } };
        }

        if (!byCondition)
            await x.StartStreamAsync("application/json").ConfigureAwait(false);
        await x.WriteLineAsync(response, DockerApiJson.Wire.WaitResponse).ConfigureAwait(false);
    }

    private async Task Remove(Exchange x)
    {
        if (x.Flag("link"))
        {
            _engine.Containers.RemoveLink(x.Route("id"));
            await x.NoBody(204).ConfigureAwait(false);
            return;
        }

        await _engine.Containers.RemoveAsync(x.Route("id"), new RemoveOptions { Force = x.Flag("force"), Volumes = x.Flag("v") }, x.Aborted).ConfigureAwait(false);
        await x.NoBody(204).ConfigureAwait(false);
    }

    private async Task Prune(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "label", "label!", "until");
        var until = filters.Until(daemon.Time.GetUtcNow());
        var pruned = await _engine.Containers.PruneAsync(c => filters.Labels(c.Spec.Labels) && (until is null || c.Created <= until), x.Aborted).ConfigureAwait(false);
        await x.WriteJsonAsync(200, new ContainersPruneReport { ContainersDeleted = pruned.Ids, SpaceReclaimed = pruned.BytesReclaimed }, DockerApiJson.Wire.ContainersPruneReport).ConfigureAwait(false);
    }
}
