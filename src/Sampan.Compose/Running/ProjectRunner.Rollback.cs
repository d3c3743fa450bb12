using System.Globalization;
using Sampan.Compose.Documents;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Containers;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    /// <summary>
    /// Returns services to what they were before their containers were last replaced, in the order of their dependencies, <c>deploy.rollback_config</c> at a time. What was
    /// until now is the former state then: a second one goes forward again. No names: all services that have a former state.
    /// </summary>
    public async Task RollbackAsync(IReadOnlyList<string> services, CancellationToken cancellationToken)
    {
        var containers = await SelectAsync(services, all: true, cancellationToken).ConfigureAwait(false);
        var formers = new Dictionary<string, FormerState>(StringComparer.Ordinal);
        foreach (var group in containers.GroupBy(c => c.Service, StringComparer.Ordinal))
        {
            // Those that were only added to the others, later, know nothing.
            foreach (var container in group.OrderByDescending(c => c.Summary.Created).ThenByDescending(c => c.Name.Length))
            {
                if (FormerState.CarriedBy(await client.InspectContainerAsync(container.Id, cancellationToken: cancellationToken).ConfigureAwait(false)) is not { } former) continue;
                formers[group.Key] = former;
                break;
            }
            if (services.Count > 0 && !formers.ContainsKey(group.Key)) throw new ComposeException($"the service '{group.Key}' has no former state: its containers took the place of none");
        }
        if (formers.Count == 0) throw new ComposeException("there is nothing to go back to: no container took the place of another");
        var meant = containers.Where(c => formers.ContainsKey(c.Service)).ToList();
        await DependencyWalk.RunAsync(Order(meant), service => RollbackAsync(service, [.. meant.Where(c => c.Service == service)], formers[service], cancellationToken)).ConfigureAwait(false);
    }

    private async Task RollbackAsync(string service, IReadOnlyList<ProjectContainer> containers, FormerState former, CancellationToken cancellationToken)
    {
        var described = project?.Services.GetValueOrDefault(service);
        var rules = UpdateRules.Of(described?.Tree.Map("deploy")?.Map("rollback_config"));
        bool Fits(ProjectContainer c) => c.Label(Labels.ConfigHash) == former.Hash && c.Summary.ImageID == former.ImageId;
        // Too many: those that are not what they were first.
        var surplus = containers.OrderByDescending(Fits).ThenBy(c => c.Number).Skip(former.Replicas).ToList();
        await ForAllAsync(surplus, c => StopAndRemoveAsync(c, described?.StopSeconds, false, $"there were {former.Replicas}", cancellationToken)).ConfigureAwait(false);
        var rest = containers.Except(surplus).ToList();
        var replaced = rest.Where(c => !Fits(c)).Select(c => new Replacement
        {
            Old = c,
            Name = described?.ContainerName ?? NameOf(service, $"{c.Number}"),
            Reason = "back to what it was",
            Service = described,
            StopSeconds = described?.StopSeconds,
            CreateAsync = createdName => CreateFormerAsync(former, service, c.Number, createdName, c, containers.Count, cancellationToken),
        }).ToList();
        await CarryOutAsync(service, rules, replaced, cancellationToken).ConfigureAwait(false);
        var taken = rest.Select(c => c.Number).ToHashSet();
        for (int number = 1, missing = former.Replicas - rest.Count; missing > 0; number++)
        {
            if (!taken.Add(number)) continue;
            missing--;
            string wanted = NameOf(service, $"{number}"), id = "";
            await TellAsync("Container " + wanted, "Creating", "Created", $"there were {former.Replicas}", async () => id = await CreateFormerAsync(former, service, number, wanted, null, containers.Count, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            await StartAsync(described, id, wanted, "", cancellationToken).ConfigureAwait(false);
        }
    }

    private string NameOf(string service, string? number) => string.Join(project?.Separator ?? "-", name, service, number);

    /// <summary>A container as it was, with the unnamed volumes of the one whose place it takes.</summary>
    private async Task<string> CreateFormerAsync(FormerState former, string service, int number, string createdName, ProjectContainer? old, int replicas, CancellationToken cancellationToken)
    {
        var request = former.Request;
        string theirs = NameOf(service, request.Labels?.GetValueOrDefault(Labels.Number)), own = NameOf(service, $"{number}");
        var labels = new Dictionary<string, string>(request.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal) { [Labels.Number] = number.ToString(CultureInfo.InvariantCulture) };
        var host = request.HostConfig ?? new HostConfig();
        if (old is not null)
        {
            labels[Labels.Replace] = old.Name;
            var inspected = await client.InspectContainerAsync(old.Id, cancellationToken: cancellationToken).ConfigureAwait(false);
            var now = await FormerState.OfAsync(client, inspected, replicas, keepsMac: request.NetworkingConfig?.EndpointsConfig?.Values.Any(e => e?.MacAddress is { Length: > 0 }) == true, cancellationToken).ConfigureAwait(false);
            var unnamed = Unnamed(old);
            host = host with
            {
                Annotations = now.On(host.Annotations),
                Binds = [.. (host.Binds ?? []).Where(b => !unnamed.ContainsKey(b.Split(':') is [_, var target, ..] ? target : "")), .. unnamed.Select(v => Bind(v.Value, v.Key))],
            };
        }
        var changed = request with
        {
            Labels = labels,
            HostConfig = host,
            NetworkingConfig = new NetworkingConfig
            {
                EndpointsConfig = request.NetworkingConfig?.EndpointsConfig?.ToDictionary(e => e.Key, e => e.Value is { } endpoint ? endpoint with { Aliases = [.. (endpoint.Aliases ?? []).Select(a => a == theirs ? own : a)] } : null, StringComparer.Ordinal),
            },
        };
        if (project?.Services.GetValueOrDefault(service) is { } described && InjectedFiles.Copied(Described, described).Count > 0)
            progress("Container " + own, "Warning", "configs and secrets that are copied in are those of now");
        var created = await client.CreateContainerAsync(changed, createdName, null, cancellationToken).ConfigureAwait(false);
        if (project?.Services.GetValueOrDefault(service) is { } injected) await InjectAsync(injected, created.Id, cancellationToken).ConfigureAwait(false);
        return created.Id;

        static string Bind(string volume, string target) => $"{volume}:{target}:rw";
    }
}
