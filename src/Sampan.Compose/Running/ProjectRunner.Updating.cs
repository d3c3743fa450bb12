using System.Globalization;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    /// <summary>
    /// Replaces what must be replaced, as <c>deploy.update_config</c> has it. A failure that the rules do not take ends the update, and with <c>failure_action: rollback</c>
    /// what was before comes back.
    /// </summary>
    private async Task UpdateAsync(Service service, ServicePlan plan, UpOptions options, CancellationToken cancellationToken)
    {
        var replaced = plan.Actions.Where(a => a.Kind == ContainerActionKind.Recreate).ToList();
        if (replaced.Count == 0) return;
        var rules = UpdateRules.Of(service.Tree.Map("deploy")?.Map("update_config"));
        // Who shares an address goes one by one, so that somebody is always there.
        if (rules.OnFailure is null && service.IsVirtual) rules = rules with { Parallelism = 1 };
        int replicas = plan.Actions.Count(a => a.Existing is not null && a.Reason != Planner.LeftOver);
        try
        {
            await CarryOutAsync(service.Name, rules, [.. replaced.Select(a => Replacing(service, plan.Desired, a, replicas, options, cancellationToken))], cancellationToken).ConfigureAwait(false);
        }
        catch (ComposeException e) when (rules.OnFailure == "rollback")
        {
            progress("Service " + service.Name, "Rolling back", e.Message);
            var containers = (await ListAsync(all: true, withOneOff: false, cancellationToken).ConfigureAwait(false)).Where(c => c.Service == service.Name).ToList();
            // Only what this update made knows what was before it.
            foreach (var made in containers.Where(c => c.Label(Labels.ConfigHash) == plan.Desired.Hash).OrderByDescending(c => c.Summary.Created))
            {
                if (FormerState.CarriedBy(await client.InspectContainerAsync(made.Id, cancellationToken: cancellationToken).ConfigureAwait(false)) is not { } former) continue;
                await RollbackAsync(service.Name, containers, former, cancellationToken).ConfigureAwait(false);
                break;
            }
            throw new ComposeException($"the update of '{service.Name}' failed, and what was before it is back: {e.Message}", e);
        }
    }

    private Replacement Replacing(Service service, Desired desired, ContainerAction action, int replicas, UpOptions options, CancellationToken cancellationToken)
    {
        var old = action.Existing ?? throw new InvalidOperationException();
        string wanted = ContainerNames.Of(Described, service, action.Number);
        return new Replacement
        {
            Old = old,
            Name = wanted,
            Reason = action.Reason,
            Service = service,
            Start = options.Start,
            StopSeconds = options.StopSeconds ?? service.StopSeconds,
            CreateAsync = async createdName => await CreateAsync(service, desired, action.Number, createdName, wanted, old, await FormerAsync(service, old, desired, replicas, cancellationToken).ConfigureAwait(false), options, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>What a successor remembers: its predecessor, or what that one remembers if both are the same.</summary>
    private async Task<FormerState?> FormerAsync(Service service, ProjectContainer old, Desired desired, int replicas, CancellationToken cancellationToken)
    {
        var inspected = await client.InspectContainerAsync(old.Id, cancellationToken: cancellationToken).ConfigureAwait(false);
        bool isSame = old.Label(Labels.ConfigHash) == desired.Hash && (desired.ImageId is null || old.Summary.ImageID == desired.ImageId);
        if (isSame) return FormerState.CarriedBy(inspected);
        bool keepsMac = service.Tree["mac_address"] is not null || (service.Tree.Map("networks")?.Members ?? []).Any(m => m.Value is Mapping n && n["mac_address"] is not null);
        return await FormerState.OfAsync(client, inspected, replicas, keepsMac, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replaces group by group: each watched for as long as the rules say, with their pause between groups. Failures are counted; too many end it.</summary>
    private async Task CarryOutAsync(string service, UpdateRules rules, IReadOnlyList<Replacement> replacements, CancellationToken cancellationToken)
    {
        int failed = 0;
        var groups = replacements.Chunk(rules.Parallelism > 0 ? rules.Parallelism : Math.Max(1, replacements.Count)).ToList();
        for (int i = 0; i < groups.Count; i++)
        {
            if (i > 0 && rules.Delay > TimeSpan.Zero) await Task.Delay(rules.Delay, time, cancellationToken).ConfigureAwait(false);
            try
            {
                await ForAllAsync(groups[i], async r =>
                {
                    string id = await ReplaceAsync(r, rules.StartFirst, cancellationToken).ConfigureAwait(false);
                    if (r.Start && !rules.StartFirst && r.Service?.IsVirtual == true) await SettledAsync(id, r.Name, cancellationToken).ConfigureAwait(false);
                    if (r.Start) await MonitorAsync(id, r.Name, rules.Monitor, cancellationToken).ConfigureAwait(false);
                }).ConfigureAwait(false);
            }
            catch (ComposeException e) when (rules.OnFailure is not null)
            {
                failed++;
                if (rules.OnFailure == "continue" || (double)failed / replacements.Count <= rules.MaxFailureRatio)
                {
                    progress("Service " + service, "Warning", $"the update goes on: {e.Message}");
                    continue;
                }
                if (rules.OnFailure == "rollback") throw;
                throw new ComposeException($"the update of '{service}' is paused after {i} of {groups.Count} steps: {e.Message}", e);
            }
        }
    }

    /// <summary>
    /// A container in the place of another: made beside it under another name, so that what can't be made changes nothing; then the old one goes (before the new one starts,
    /// or after it runs and is healthy, if it can be), and the new one gets the name. A new one that does not come to run beside the old one is removed.
    /// </summary>
    private async Task<string> ReplaceAsync(Replacement r, bool startFirst, CancellationToken cancellationToken)
    {
        string resource = "Container " + r.Name;
        string id = "";
        await TellAsync(resource, "Recreate", startFirst ? "Created" : "Recreated", r.Reason, async () =>
        {
            id = await r.CreateAsync($"{r.Old.Id[..12]}_{r.Name}").ConfigureAwait(false);
            if (startFirst && r.Start) return;
            if (r.Service is { } service) await HooksAsync(service, "pre_stop", r.Old, cancellationToken).ConfigureAwait(false);
            await GoneAsync(async () => await client.StopContainerAsync(r.Old.Id, r.StopSeconds, cancellationToken: cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            await GoneAsync(() => client.RemoveContainerAsync(r.Old.Id, force: true, cancellationToken: cancellationToken)).ConfigureAwait(false);
            await client.RenameContainerAsync(id, r.Name, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (!r.Start) return id;
        if (!startFirst)
        {
            await StartAsync(r.Service, id, r.Name, "", cancellationToken).ConfigureAwait(false);
            return id;
        }
        try
        {
            await StartAsync(r.Service, id, r.Name, "", cancellationToken).ConfigureAwait(false);
            await SettledAsync(id, r.Name, cancellationToken).ConfigureAwait(false);
        }
        catch (ComposeException e)
        {
            progress(resource, "Removed", "the successor failed, and the one before stays");
            await GoneAsync(() => client.RemoveContainerAsync(id, force: true, cancellationToken: CancellationToken.None)).ConfigureAwait(false);
            throw new ComposeException($"{e.Message}; the container before it was kept", e);
        }
        await StopAndRemoveAsync(r.Old, r.StopSeconds, false, "its successor runs", cancellationToken).ConfigureAwait(false);
        await RenameAsync(id, r.Name, cancellationToken).ConfigureAwait(false);
        return id;
    }

    /// <summary>Watches a new container: one that ends or turns unhealthy within the time has failed.</summary>
    private async Task MonitorAsync(string id, string name, TimeSpan monitor, CancellationToken cancellationToken)
    {
        if (monitor <= TimeSpan.Zero || IsDry) return;
        long until = time.GetTimestamp() + (long)(monitor.TotalSeconds * time.TimestampFrequency);
        await UntilAsync(async () =>
        {
            var state = (await client.InspectContainerAsync(id, cancellationToken: cancellationToken).ConfigureAwait(false)).State;
            if (state is { Running: false }) throw new ComposeException($"container {name} exited ({state.ExitCode}) while it was watched");
            if (state?.Health?.Status == "unhealthy") throw new ComposeException($"container {name} is unhealthy{LastCheck(state.Health)}");
            return time.GetTimestamp() >= until;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether this one node fulfils what services ask of theirs: it is the manager, it is this machine, and it must have what is reserved.</summary>
    private async Task CheckNodeAsync(IReadOnlyList<Service> services, UpOptions options, CancellationToken cancellationToken)
    {
        var problems = new Problems();
        decimal processors = 0, memory = 0;
        var constraints = new List<(Service Service, Scalar Constraint)>();
        foreach (var service in services)
        {
            var deploy = service.Tree.Map("deploy");
            constraints.AddRange((deploy?.Map("placement")?.Items("constraints") ?? []).OfType<Scalar>().Select(c => (service, c)));
            if (deploy?.Map("resources")?.Map("reservations") is not { } reserved) continue;
            int replicas = options.Scale.TryGetValue(service.Name, out int n) ? n : service.Replicas;
            processors += replicas * (reserved.Decimal("cpus") ?? 0);
            memory += replicas * (reserved.Long("memory") ?? 0);
        }
        if (processors == 0 && memory == 0 && constraints.Count == 0) return;
        var node = await client.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (service, constraint) in constraints)
            if (Placement.Check(constraint.Text, node) is { } reason) problems.Add(constraint.At, DocumentPath.Root["services"][service.Name]["deploy"]["placement"]["constraints"], reason);
        if (processors > node.NCPU) TooMuch("cpus", string.Create(CultureInfo.InvariantCulture, $"{processors:0.##} processors are reserved, and this node, which is the only one, has {node.NCPU}"));
        if (memory > node.MemTotal) TooMuch("memory", string.Create(CultureInfo.InvariantCulture, $"{memory} bytes are reserved, and this node, which is the only one, has {node.MemTotal}"));
        problems.ThrowIfAny();

        void TooMuch(string key, string text)
        {
            foreach (var service in services)
                if (service.Tree.Map("deploy")?.Map("resources")?.Map("reservations")?.Find(key) is { } member) problems.Add(member.At, DocumentPath.Root["services"][service.Name]["deploy"]["resources"]["reservations"][key], text);
        }
    }
}
