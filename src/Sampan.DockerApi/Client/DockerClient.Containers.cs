using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Containers.Stats;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    /// <summary>Creates a container; <paramref name="platform"/> as os/arch. 404: no such image; 409: the name is taken.</summary>
    public async Task<ContainerCreateResponse> CreateContainerAsync(ContainerCreateRequest request, string? name = null, string? platform = null, CancellationToken cancellationToken = default) =>
        await ReadAsync(
            await SendAsync("POST", new QueryString("/containers/create").Add("name", name).Add("platform", platform), RequestJson.Write(request), cancellationToken).ConfigureAwait(false),
            ResponseJson.ReadCreated, cancellationToken).ConfigureAwait(false);

    /// <summary>Starts a container; false: it ran already.</summary>
    public Task<bool> StartContainerAsync(string id, string? detachKeys = null, CancellationToken cancellationToken = default) =>
        DoAsync("POST", Container(id, "start").Add("detachKeys", detachKeys), cancellationToken);

    /// <summary>Stops a container: the signal, then after <paramref name="timeout"/> seconds SIGKILL (null: the container's own; -1: never); false: it was stopped already.</summary>
    public Task<bool> StopContainerAsync(string id, int? timeout = null, string? signal = null, CancellationToken cancellationToken = default) =>
        DoAsync("POST", Container(id, "stop").Add("t", timeout).Add("signal", signal), cancellationToken);

    /// <summary>Stops, if it runs, and starts a container; seconds and signal as for stopping.</summary>
    public Task RestartContainerAsync(string id, int? timeout = null, string? signal = null, CancellationToken cancellationToken = default) =>
        DoAsync("POST", Container(id, "restart").Add("t", timeout).Add("signal", signal), cancellationToken);

    /// <summary>Sends a signal, by name or number, to a container's first process; null: SIGKILL.</summary>
    public Task KillContainerAsync(string id, string? signal = null, CancellationToken cancellationToken = default) =>
        DoAsync("POST", Container(id, "kill").Add("signal", signal), cancellationToken);

    /// <summary>Freezes a container.</summary>
    public Task PauseContainerAsync(string id, CancellationToken cancellationToken = default) => DoAsync("POST", Container(id, "pause"), cancellationToken);

    /// <summary>Thaws a container.</summary>
    public Task UnpauseContainerAsync(string id, CancellationToken cancellationToken = default) => DoAsync("POST", Container(id, "unpause"), cancellationToken);

    /// <summary>Gives a container another name.</summary>
    public Task RenameContainerAsync(string id, string name, CancellationToken cancellationToken = default) =>
        DoAsync("POST", Container(id, "rename").Add("name", name), cancellationToken);

    /// <summary>Changes limits and restart policy of a container.</summary>
    public async Task<UpdateResponse> UpdateContainerAsync(string id, UpdateRequest request, CancellationToken cancellationToken = default) =>
        await ReadAsync(
            await SendAsync("POST", Container(id, "update"), request, DockerApiJson.Wire.UpdateRequest, cancellationToken).ConfigureAwait(false),
            DockerApiJson.Wire.UpdateResponse, cancellationToken).ConfigureAwait(false);

    /// <summary>Removes a container; with <paramref name="force"/> a running one too, with <paramref name="volumes"/> its anonymous volumes.</summary>
    public Task RemoveContainerAsync(string id, bool force = false, bool volumes = false, bool link = false, CancellationToken cancellationToken = default) =>
        DoAsync("DELETE", new QueryString($"/containers/{Segment(id)}").Add("v", volumes).Add("force", force).Add("link", link), cancellationToken);

    /// <summary>Begins to wait for a container; returns when the engine has taken note, so that no exit is missed. Condition: not-running, next-exit or removed.</summary>
    public async Task<PendingWait> WaitContainerAsync(string id, string? condition = null, CancellationToken cancellationToken = default)
    {
        var response = await SendAsync("POST", Container(id, "wait").Add("condition", condition), cancellationToken).ConfigureAwait(false);
        return new PendingWait(() => ReadAsync(response, ResponseJson.ReadWait, cancellationToken));
    }

    /// <summary>Lists containers: running ones, or <paramref name="all"/>; the newest <paramref name="limit"/> (null: no limit); with sizes if asked.</summary>
    public Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(bool all = false, int? limit = null, bool size = false, Filters? filters = null, CancellationToken cancellationToken = default) =>
        GetAsync(new QueryString("/containers/json").Add("all", all).Add("limit", limit).Add("size", size).AddFilters(filters), DockerApiJson.Wire.ContainerSummaryList, cancellationToken);

    /// <summary>Lists containers as <see cref="ListContainersAsync"/> does, in a fraction of the time: of an image's manifest, the health and the host's configuration nothing is read, of networks their names.</summary>
    public async Task<IReadOnlyList<ContainerSummary>> ListContainerRowsAsync(bool all = false, int? limit = null, bool size = false, Filters? filters = null, CancellationToken cancellationToken = default) =>
        await ReadBytesAsync(
            await SendAsync("GET", new QueryString("/containers/json").Add("all", all).Add("limit", limit).Add("size", size).AddFilters(filters), cancellationToken).ConfigureAwait(false),
            static json => ContainerRows.Read(json), cancellationToken).ConfigureAwait(false);

    /// <summary>Everything about a container.</summary>
    public Task<ContainerInspect> InspectContainerAsync(string id, bool size = false, CancellationToken cancellationToken = default) =>
        GetAsync(Container(id, "json").Add("size", size), DockerApiJson.Wire.ContainerInspect, cancellationToken);

    /// <summary>Everything about a container, as the engine's own JSON.</summary>
    public Task<byte[]> InspectContainerJsonAsync(string id, bool size = false, CancellationToken cancellationToken = default) =>
        GetJsonAsync(Container(id, "json").Add("size", size), cancellationToken);

    /// <summary>The processes of a container, as ps with these arguments shows them (null: -ef).</summary>
    public Task<TopResponse> TopContainerAsync(string id, string? psArguments = null, CancellationToken cancellationToken = default) =>
        GetAsync(Container(id, "top").Add("ps_args", psArguments), DockerApiJson.Wire.TopResponse, cancellationToken);

    /// <summary>The output of a container, framed unless it has a terminal.</summary>
    public async Task<Stream> LogsContainerAsync(string id, LogsRequest request, CancellationToken cancellationToken = default)
    {
        var target = Container(id, "logs").Add("stdout", request.Stdout).Add("stderr", request.Stderr).Add("follow", request.Follow)
            .Add("timestamps", request.Timestamps).Add("details", request.Details).Add("since", request.Since).Add("until", request.Until).Add("tail", request.Tail);
        return (await SendAsync("GET", target, cancellationToken).ConfigureAwait(false)).Body;
    }

    /// <summary>Connects to a container's standard streams; before the start, output is complete from the first byte.</summary>
    public Task<HijackedStream> AttachContainerAsync(string id, AttachRequest request, CancellationToken cancellationToken = default)
    {
        var target = Container(id, "attach").Add("stream", request.Stream).Add("logs", request.Logs).Add("stdin", request.Stdin)
            .Add("stdout", request.Stdout).Add("stderr", request.Stderr).Add("detachKeys", request.DetachKeys);
        return HijackAsync(new HttpRequest { Method = "POST", Target = target.ToString() }, cancellationToken);
    }

    /// <summary>Tells a container's terminal its size in characters.</summary>
    public Task ResizeContainerAsync(string id, int rows, int columns, CancellationToken cancellationToken = default) =>
        DoAsync("POST", Container(id, "resize").Add("h", rows).Add("w", columns), cancellationToken);

    /// <summary>Samples of a container's use of resources: one per second, or one alone; <paramref name="oneShot"/> leaves out the sample before.</summary>
    public async Task<IAsyncEnumerable<StatsResponse>> StatsContainerAsync(string id, bool stream = true, bool oneShot = false, CancellationToken cancellationToken = default)
    {
        var target = Container(id, "stats").Add("stream", stream ? "1" : "0").Add("one-shot", oneShot);
        var response = await SendAsync("GET", target, cancellationToken).ConfigureAwait(false);
        return JsonLines.ReadAsync(response.Body, DockerApiJson.Wire.StatsResponse, cancellationToken);
    }

    /// <summary>What changed in a container's filesystem since its image.</summary>
    public Task<IReadOnlyList<FilesystemChange>> ContainerChangesAsync(string id, CancellationToken cancellationToken = default) =>
        GetAsync(Container(id, "changes"), DockerApiJson.Wire.FilesystemChangeList, cancellationToken);

    /// <summary>A container's filesystem as a tar archive.</summary>
    /// <param name="id">Which.</param>
    /// <param name="asImage">Without what is in every container's root besides its image (Sampan's; dockerd does not know it and sends all).</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Stream> ExportContainerAsync(string id, bool asImage = false, CancellationToken cancellationToken = default) =>
        (await SendAsync("GET", Container(id, "export").Add("as-image", asImage), cancellationToken).ConfigureAwait(false)).Body;

    /// <summary>Removes all stopped containers that pass the filters.</summary>
    public async Task<ContainersPruneReport> PruneContainersAsync(Filters? filters = null, CancellationToken cancellationToken = default) =>
        await ReadAsync(await SendAsync("POST", new QueryString("/containers/prune").AddFilters(filters), cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.ContainersPruneReport, cancellationToken).ConfigureAwait(false);

    private static QueryString Container(string id, string verb) => new($"/containers/{Segment(id)}/{verb}");
}
