using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    /// <summary>Starts containers that are there, in the order of their dependencies, each when these are far enough.</summary>
    public async Task StartAsync(IReadOnlyList<string> services, CancellationToken cancellationToken)
    {
        var containers = await SelectAsync(services, all: true, cancellationToken).ConfigureAwait(false);
        if (containers.Count == 0) throw new ComposeException($"there is no container to start: 'up' or 'create' makes them");
        var order = Order(containers);
        await DependencyWalk.RunAsync(order, async service =>
        {
            var described = project?.Services.GetValueOrDefault(service);
            if (described is not null) await DependenciesAsync(described, [.. order.Keys], cancellationToken).ConfigureAwait(false);
            await ForAllAsync(containers.Where(c => c.Service == service && !c.IsRunning), async c =>
            {
                if (described is not null) await StartAsync(described, c.Id, c.Name, "", cancellationToken).ConfigureAwait(false);
                else await TellAsync("Container " + c.Name, "Starting", "Started", "", async () => await client.StartContainerAsync(c.Id, cancellationToken: cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Stops containers, those that depend on others first.</summary>
    public async Task StopAsync(IReadOnlyList<string> services, int? seconds, CancellationToken cancellationToken)
    {
        var containers = await SelectAsync(services, all: false, cancellationToken).ConfigureAwait(false);
        await DependencyWalk.RunAsync(DependencyWalk.Reverse(Order(containers)), service => ForAllAsync(containers.Where(c => c.Service == service), c => StopAsync(c, seconds, cancellationToken))).ConfigureAwait(false);
    }

    /// <summary>Restarts containers in the order of their dependencies, each when these are far enough, and those that ask to be restarted with what they depend on.</summary>
    public async Task RestartAsync(IReadOnlyList<string> services, int? seconds, bool withDependents, CancellationToken cancellationToken)
    {
        var all = await SelectAsync([], all: true, cancellationToken).ConfigureAwait(false);
        _ = await SelectAsync(services, all: true, cancellationToken).ConfigureAwait(false);
        var chosen = services.Count == 0 ? all.Select(c => c.Service).ToHashSet(StringComparer.Ordinal) : [.. services];
        if (withDependents && project is not null)
            foreach (var service in project.Select([], false))
                if (service.DependsOn.Any(d => d.Restarts && chosen.Contains(d.Service))) chosen.Add(service.Name);
        var containers = all.Where(c => chosen.Contains(c.Service)).ToList();
        var order = Order(containers);
        await DependencyWalk.RunAsync(order, async service =>
        {
            if (project?.Services.GetValueOrDefault(service) is { } described) await DependenciesAsync(described, [.. order.Keys], cancellationToken).ConfigureAwait(false);
            await ForAllAsync(containers.Where(c => c.Service == service), c => TellAsync("Container " + c.Name, "Restarting", "Started", "", () =>
                client.RestartContainerAsync(c.Id, seconds ?? project?.Services.GetValueOrDefault(service)?.StopSeconds, cancellationToken: cancellationToken))).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Sends a signal to containers that run.</summary>
    public async Task KillAsync(IReadOnlyList<string> services, string signal, bool removeOrphans, CancellationToken cancellationToken)
    {
        var containers = await SelectAsync(services, all: false, cancellationToken).ConfigureAwait(false);
        await ForAllAsync(containers, c => TellAsync("Container " + c.Name, "Killing", "Killed", "", () => client.KillContainerAsync(c.Id, signal, cancellationToken))).ConfigureAwait(false);
        if (removeOrphans && project is not null) await OrphansAsync(await ListAsync(all: true, withOneOff: false, cancellationToken).ConfigureAwait(false), new UpOptions { RemoveOrphans = true }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Freezes containers, or thaws them.</summary>
    public async Task PauseAsync(IReadOnlyList<string> services, bool pause, CancellationToken cancellationToken)
    {
        var containers = (await SelectAsync(services, all: false, cancellationToken).ConfigureAwait(false)).Where(c => c.Summary.State == (pause ? "running" : "paused"));
        await ForAllAsync(containers, c => TellAsync("Container " + c.Name, pause ? "Pausing" : "Unpausing", pause ? "Paused" : "Unpaused", "", () =>
            pause ? client.PauseContainerAsync(c.Id, cancellationToken) : client.UnpauseContainerAsync(c.Id, cancellationToken))).ConfigureAwait(false);
    }

    /// <summary>Removes containers that do not run; those to be stopped were stopped before.</summary>
    public Task RemoveAsync(IEnumerable<ProjectContainer> containers, bool volumes, CancellationToken cancellationToken) =>
        ForAllAsync(containers, c => TellAsync("Container " + c.Name, "Removing", "Removed", "", () => GoneAsync(() => client.RemoveContainerAsync(c.Id, force: false, volumes, cancellationToken: cancellationToken))));

    /// <summary>
    /// Takes a project away: (1) stop and remove its containers, those that depend on others first (2) its networks (3) its volumes, if asked (4) its images, if asked.
    /// Without files everything with its label goes; with them, containers of services that they do not have stay unless asked for.
    /// </summary>
    public async Task DownAsync(DownOptions options, CancellationToken cancellationToken)
    {
        var containers = await ListAsync(all: true, withOneOff: true, cancellationToken).ConfigureAwait(false);
        bool isWhole = options.Services.Count == 0;
        bool IsMeant(ProjectContainer c) => isWhole
            ? project is null || options.RemoveOrphans || c.IsOneOff || project.Services.ContainsKey(c.Service) || project.Disabled.ContainsKey(c.Service)
            : options.Services.Contains(c.Service, StringComparer.Ordinal);
        var meant = containers.Where(IsMeant).ToList();
        await DependencyWalk.RunAsync(DependencyWalk.Reverse(Order(meant)), service => ForAllAsync(meant.Where(c => c.Service == service), c => StopAndRemoveAsync(c, options.StopSeconds, options.Volumes, "", cancellationToken))).ConfigureAwait(false);
        if (!isWhole) return;
        await RemoveNetworksAsync(cancellationToken).ConfigureAwait(false);
        if (options.Volumes) await RemoveVolumesAsync(cancellationToken).ConfigureAwait(false);
        if (options.Images is not { } which) return;
        var images = project is null ? meant.Select(c => c.Summary.Image) : project.Services.Values.Where(s => which == "all" || s.Tree["image"] is null).Select(s => s.Image);
        await ForAllAsync(images.Distinct(StringComparer.Ordinal), i => RemoveAsync("Image " + i, () => client.RemoveImageAsync(i, cancellationToken: cancellationToken))).ConfigureAwait(false);
    }

    private Task StopAsync(ProjectContainer container, int? seconds, CancellationToken cancellationToken)
    {
        var service = project?.Services.GetValueOrDefault(container.Service);
        return TellAsync("Container " + container.Name, "Stopping", "Stopped", "", async () =>
        {
            if (service is not null) await HooksAsync(service, "pre_stop", container, cancellationToken).ConfigureAwait(false);
            await GoneAsync(async () => await client.StopContainerAsync(container.Id, seconds ?? service?.StopSeconds, cancellationToken: cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        });
    }

    private async Task StopAndRemoveAsync(ProjectContainer container, int? seconds, bool volumes, string reason, CancellationToken cancellationToken)
    {
        if (container.IsRunning) await StopAsync(container, seconds, cancellationToken).ConfigureAwait(false);
        await TellAsync("Container " + container.Name, "Removing", "Removed", reason, () => GoneAsync(() => client.RemoveContainerAsync(container.Id, force: true, volumes, cancellationToken: cancellationToken))).ConfigureAwait(false);
    }

    private Task HooksAsync(Service service, string key, ProjectContainer container, CancellationToken cancellationToken) =>
        container.IsRunning ? HooksAsync(service, key, container.Id, container.Name, cancellationToken) : Task.CompletedTask;

    /// <summary>Runs the commands of <c>post_start</c> or <c>pre_stop</c> in a container, one after the other; one that fails is an error.</summary>
    private async Task HooksAsync(Service service, string key, string id, string containerName, CancellationToken cancellationToken)
    {
        foreach (var hook in service.Tree.Maps(key)) await ExecuteAsync(id, containerName, hook, $"services.{service.Name}.{key}", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a command in a container to its end; one that fails is an error.</summary>
    private async Task ExecuteAsync(string id, string containerName, Mapping hook, string path, CancellationToken cancellationToken)
    {
        if (IsDry) return;
        var command = hook.Texts("command");
        string exec = await client.CreateExecAsync(id, ResourceRequests.Exec(hook), cancellationToken).ConfigureAwait(false);
        using (var output = await client.StartExecAsync(exec, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            output.CloseWrite();
            await output.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        }
        int code = await client.ReadExecExitCodeAsync(exec, cancellationToken).ConfigureAwait(false) ?? 0;
        if (code != 0) throw new ComposeException([new Problem(hook.At, path, $"'{string.Join(' ', command)}' ended with {code} in container {containerName}")]);
    }
}
