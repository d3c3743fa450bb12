using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Networks;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    private static readonly ApiVersion s_manyEndpoints = new(1, 44);

    /// <summary>
    /// Makes what is there what should be there. (1) choose the services (2) find the images (3) make networks and volumes (4) plan: pure, from what is there
    /// (5) remove what is too many (6) service by service, each when those it depends on are far enough: create, replace, start (7) wait, if asked.
    /// Whatever interrupts it, the next run plans from what is there then. Returns the containers of the services that were asked for.
    /// </summary>
    public async Task<IReadOnlyList<ProjectContainer>> UpAsync(UpOptions options, CancellationToken cancellationToken)
    {
        var services = Described.Select(options.Services, options.WithDependencies);
        await CheckNodeAsync(services, options, cancellationToken).ConfigureAwait(false);
        var images = EnsureImagesAsync(services, options, cancellationToken);
        var listed = ListAsync(all: true, withOneOff: false, cancellationToken);
        await Task.WhenAll(images, listed).ConfigureAwait(false);
        var containers = await listed.ConfigureAwait(false);
        var networks = await EnsureNetworksAsync(services, options.AllResources, cancellationToken).ConfigureAwait(false);
        await EnsureVolumesAsync(services, options.AllResources, cancellationToken).ConfigureAwait(false);
        var plans = Plan(services, containers, await images.ConfigureAwait(false), networks, options);
        await OrphansAsync(containers, options, cancellationToken).ConfigureAwait(false);

        var chosen = services.ToDictionary(s => s.Name, StringComparer.Ordinal);
        var order = services.ToDictionary(s => s.Name, s => (IReadOnlyList<string>)[.. s.DependsOn.Select(d => d.Service)], StringComparer.Ordinal);
        await DependencyWalk.RunAsync(order, async service =>
        {
            if (options.Start && plans[service].Actions.Any(a => a.Kind != ContainerActionKind.Keep)) await DependenciesAsync(chosen[service], [.. chosen.Keys], cancellationToken).ConfigureAwait(false);
            await ConvergeAsync(chosen[service], plans[service], options, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);

        var asked = options.Services.Count == 0 || options.TellsDependencies ? chosen.Keys.ToList() : [.. options.Services];
        var result = (await ListAsync(all: true, withOneOff: false, cancellationToken).ConfigureAwait(false)).Where(c => asked.Contains(c.Service, StringComparer.Ordinal)).ToList();
        if (options.Wait) await WaitRunningAsync(result, options.WaitTimeout, cancellationToken).ConfigureAwait(false);
        return result;
    }

    private Dictionary<string, ServicePlan> Plan(IReadOnlyList<Service> services, IReadOnlyList<ProjectContainer> containers, IReadOnlyDictionary<string, string> images, IReadOnlyDictionary<string, string> networks, UpOptions options)
    {
        var plans = new Dictionary<string, ServicePlan>(StringComparer.Ordinal);
        foreach (string scaled in options.Scale.Keys)
            if (!Described.Services.ContainsKey(scaled)) throw new ComposeException($"no such service: {scaled}");
        foreach (var service in services)
        {
            int replicas = options.Scale.TryGetValue(service.Name, out int n) ? n : service.Replicas;
            if (replicas > 1 && service.ContainerName is not null) throw Refused(service.Tree, $"services.{service.Name}.container_name", $"a service with a container_name has one container, not {replicas}");
            bool isAsked = options.Services.Count == 0 || options.Services.Contains(service.Name, StringComparer.Ordinal);
            var mode = options.Recreate == RecreateMode.Always && !isAsked && !options.RecreateDependencies ? RecreateMode.Changed : options.Recreate;
            string[] used = [.. (service.Tree.Map("networks")?.Members ?? []).Select(m => Described.Networks[m.Key].Text("name") ?? m.Key)];
            var desired = new Desired(ServiceHash.Of(service), InjectedFiles.Hash(InjectedFiles.Copied(Described, service)), images.GetValueOrDefault(service.Image), used.Where(networks.ContainsKey).ToDictionary(u => u, u => networks[u], StringComparer.Ordinal)) { Keys = ServiceHash.Keys(service), Registration = Registration.Mark(Registration.Of(Described, service)) };
            var actions = Planner.Plan(service, [.. containers.Where(c => c.Service == service.Name)], desired, replicas, mode, other => plans.TryGetValue(other, out var plan) && plan.Actions.Any(a => a.Kind == ContainerActionKind.Recreate));
            plans[service.Name] = new ServicePlan(actions, desired);
        }
        return plans;
    }

    /// <summary>Containers of services that the files no longer have.</summary>
    private async Task OrphansAsync(IReadOnlyList<ProjectContainer> containers, UpOptions options, CancellationToken cancellationToken)
    {
        var orphans = containers.Where(c => !Described.Services.ContainsKey(c.Service) && !Described.Disabled.ContainsKey(c.Service)).ToList();
        if (orphans.Count == 0 || (options.IgnoreOrphans && !options.RemoveOrphans)) return;
        if (options.RemoveOrphans) await ForAllAsync(orphans, c => StopAndRemoveAsync(c, options.StopSeconds, false, "orphan", cancellationToken)).ConfigureAwait(false);
        else progress($"Containers {string.Join(", ", orphans.Select(o => o.Name))}", "Found", "their services are not in the files any more: --remove-orphans removes them");
    }

    private async Task ConvergeAsync(Service service, ServicePlan plan, UpOptions options, CancellationToken cancellationToken)
    {
        await ForAllAsync(plan.Actions.Where(a => a.Kind == ContainerActionKind.Remove), a => a.Existing is { } c ? StopAndRemoveAsync(c, options.StopSeconds ?? service.StopSeconds, false, a.Reason, cancellationToken) : Task.CompletedTask).ConfigureAwait(false);
        var rest = plan.Actions.Where(a => a.Kind is not (ContainerActionKind.Remove or ContainerActionKind.Recreate));
        await ForAllAsync(rest, a => ActAsync(service, plan.Desired, a, options, cancellationToken)).ConfigureAwait(false);
        await UpdateAsync(service, plan, options, cancellationToken).ConfigureAwait(false);
    }

    private async Task ActAsync(Service service, Desired desired, ContainerAction action, UpOptions options, CancellationToken cancellationToken)
    {
        string wanted = ContainerNames.Of(Described, service, action.Number);
        if (action.Existing is { } existing && existing.Name != wanted && action.Kind != ContainerActionKind.Recreate)
            await RenameAsync(existing.Id, wanted, cancellationToken).ConfigureAwait(false);
        string resource = "Container " + wanted;
        switch (action)
        {
            case { Kind: ContainerActionKind.Keep, Existing: { } kept }:
                if (kept.Summary.State == "paused" && options.Start) await TellAsync(resource, "Unpausing", "Unpaused", "", () => client.UnpauseContainerAsync(kept.Id, cancellationToken)).ConfigureAwait(false);
                else progress(resource, "Running", "");
                break;
            case { Kind: ContainerActionKind.Start, Existing: { } stopped }:
                if (options.Start) await StartAsync(service, stopped.Id, wanted, action.Reason, cancellationToken).ConfigureAwait(false);
                break;
            case { Kind: ContainerActionKind.Restart, Existing: { } running }:
                if (options.Start) await TellAsync(resource, "Restarting", "Restarted", action.Reason, () => client.RestartContainerAsync(running.Id, options.StopSeconds ?? service.StopSeconds, cancellationToken: cancellationToken)).ConfigureAwait(false);
                break;
            case { Kind: ContainerActionKind.Create }:
                string id = "";
                await TellAsync(resource, "Creating", "Created", action.Reason, async () => id = await CreateAsync(service, desired, action.Number, wanted, wanted, null, null, options, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
                if (options.Start) await StartAsync(service, id, wanted, "", cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private async Task<string> CreateAsync(Service service, Desired desired, int number, string createdName, string finalName, ProjectContainer? replaced, FormerState? former, UpOptions options, CancellationToken cancellationToken)
    {
        var context = new RequestContext
        {
            Hash = desired.Hash,
            Keys = desired.Keys,
            FilesHash = desired.FilesHash,
            ImageId = desired.ImageId,
            HasManyEndpoints = client.Version >= s_manyEndpoints,
            ContainersOf = await RelatedAsync(service, cancellationToken).ConfigureAwait(false),
            InheritedVolumes = replaced is null || options.RenewVolumes ? new Dictionary<string, string>(StringComparer.Ordinal) : Unnamed(replaced),
            Replaces = replaced?.Name,
            Former = former,
        };
        return await CreateAsync(service, number, createdName, finalName, context, change: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a container with all that must be there before it starts; what fails in the middle leaves none behind.</summary>
    private async Task<string> CreateAsync(Service service, int number, string createdName, string finalName, RequestContext context, Func<DockerApi.Containers.ContainerCreateRequest, DockerApi.Containers.ContainerCreateRequest>? change, CancellationToken cancellationToken)
    {
        var request = ContainerRequests.Create(Described, service, number, finalName, context);
        var created = await client.CreateContainerAsync(change?.Invoke(request) ?? request, createdName, service.Tree.Text("platform"), cancellationToken).ConfigureAwait(false);
        foreach (string warning in created.Warnings ?? []) progress("Container " + finalName, "Warning", warning);
        try
        {
            if (!context.HasManyEndpoints && service.Tree.Text("network_mode") is null)
                foreach (var (network, endpoint) in ContainerRequests.Endpoints(Described, service, finalName, context).Skip(1))
                    await client.ConnectNetworkAsync(network, new NetworkConnectRequest { Container = created.Id, EndpointConfig = endpoint }, cancellationToken).ConfigureAwait(false);
            await InjectAsync(service, created.Id, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await GoneAsync(() => client.RemoveContainerAsync(created.Id, force: true, volumes: true, cancellationToken: CancellationToken.None)).ConfigureAwait(false);
            throw;
        }
        return created.Id;
    }

    /// <summary>Copies in the configs and secrets whose content is known here.</summary>
    private async Task InjectAsync(Service service, string id, CancellationToken cancellationToken)
    {
        var files = InjectedFiles.Copied(Described, service);
        if (files.Count == 0) return;
        var archive = await InjectedFiles.ArchiveAsync(files, time, cancellationToken).ConfigureAwait(false);
        await using (archive.ConfigureAwait(false)) await client.PutContainerArchiveAsync(id, "/", archive, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private Task RenameAsync(string id, string wanted, CancellationToken cancellationToken) => IsDry ? Task.CompletedTask : client.RenameContainerAsync(id, wanted, cancellationToken);

    private async Task StartAsync(Service? service, string id, string name, string reason, CancellationToken cancellationToken)
    {
        await TellAsync("Container " + name, "Starting", "Started", reason, async () => await client.StartContainerAsync(id, cancellationToken: cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        if (service?.Tree.Items("post_start").Count > 0) await HooksAsync(service, "post_start", id, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The ids of the containers that a service names by their service: of shared namespaces, volumes and links.</summary>
    private async Task<Func<string, IReadOnlyList<string>>> RelatedAsync(Service service, CancellationToken cancellationToken)
    {
        var tree = service.Tree;
        bool needs = tree["links"] is not null || tree["volumes_from"] is not null || new[] { "network_mode", "ipc", "pid" }.Any(k => tree.Text(k)?.StartsWith("service:", StringComparison.Ordinal) == true);
        if (!needs) return static _ => [];
        var all = await ListAsync(all: true, withOneOff: false, cancellationToken).ConfigureAwait(false);
        return other => [.. all.Where(c => c.Service == other).Select(c => c.Id)];
    }

    private static Dictionary<string, string> Unnamed(ProjectContainer container)
    {
        // Names that the engine makes: 64 hexadecimal digits.
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var mount in container.Summary.Mounts ?? [])
            if (mount is { Type: "volume", Name: { Length: 64 } volume } && volume.All(char.IsAsciiHexDigitLower)) result[mount.Destination] = volume;
        return result;
    }

    /// <summary>What is gone already is what was wanted.</summary>
    private static async Task GoneAsync(Func<Task> remove)
    {
        try
        {
            await remove().ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            // Somebody else was faster, or it removed itself.
        }
    }
}
