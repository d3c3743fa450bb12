using System.Runtime.InteropServices;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    /// <summary>
    /// Replaces what must be replaced, <c>deploy.update_config</c> at a time: each group in its order, watched for as long as it says, with a pause between groups. A replacement that
    /// fails ends the update, or is counted when the configuration goes on in spite of it.
    /// </summary>
    private async Task UpdateAsync(Service service, ServicePlan plan, UpOptions options, CancellationToken cancellationToken)
    {
        var replaced = plan.Actions.Where(a => a.Kind == ContainerActionKind.Recreate).ToList();
        if (replaced.Count == 0) return;
        var update = service.Tree.Map("deploy")?.Map("update_config");
        bool startFirst = update?.Text("order") == "start-first";
        // Who shares an address goes one by one, so that somebody is always there.
        int atATime = (int)(update is null ? (service.IsVirtual ? 1 : 0) : update.Long("parallelism") ?? 1);
        var delay = Span(update, "delay");
        double most = (double)(update?.Decimal("max_failure_ratio") ?? 0);
        string onFailure = update?.Text("failure_action") ?? "pause";
        int failed = 0;
        var groups = replaced.Chunk(atATime > 0 ? atATime : replaced.Count).ToList();
        for (int i = 0; i < groups.Count; i++)
        {
            if (i > 0 && delay > TimeSpan.Zero) await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            try
            {
                await ForAllAsync(groups[i], async a =>
                {
                    string id = await ReplaceAsync(service, plan.Desired, a, options, startFirst, cancellationToken).ConfigureAwait(false);
                    if (options.Start && !startFirst && service.IsVirtual) await SettledAsync(id, ContainerNames.Of(Described, service, a.Number), cancellationToken).ConfigureAwait(false);
                    if (options.Start) await MonitorAsync(id, ContainerNames.Of(Described, service, a.Number), Span(update, "monitor"), cancellationToken).ConfigureAwait(false);
                }).ConfigureAwait(false);
            }
            catch (ComposeException e) when (update is not null)
            {
                failed++;
                if (onFailure == "continue" || (double)failed / replaced.Count <= most)
                {
                    progress("Service " + service.Name, "Warning", $"the update goes on: {e.Message}");
                    continue;
                }
                throw new ComposeException($"the update of '{service.Name}' is paused after {i} of {groups.Count} steps: {e.Message}", e);
            }
        }
    }

    /// <summary>Watches a new container: one that ends or turns unhealthy within the time has failed.</summary>
    private async Task MonitorAsync(string id, string name, TimeSpan monitor, CancellationToken cancellationToken)
    {
        if (monitor <= TimeSpan.Zero) return;
        long until = time.GetTimestamp() + (long)(monitor.TotalSeconds * time.TimestampFrequency);
        await UntilAsync(async () =>
        {
            var state = (await client.InspectContainerAsync(id, cancellationToken: cancellationToken).ConfigureAwait(false)).State;
            if (state is { Running: false }) throw new ComposeException($"container {name} exited ({state.ExitCode}) while it was watched");
            if (state?.Health?.Status == "unhealthy") throw new ComposeException($"container {name} is unhealthy{LastCheck(state.Health)}");
            return time.GetTimestamp() >= until;
        }, cancellationToken).ConfigureAwait(false);
    }

    private static TimeSpan Span(Mapping? at, string key) => TimeSpan.FromTicks((at?.Duration(key) ?? 0) / 100);

    /// <summary>Whether this one node fulfils what services ask of theirs: it is the manager, and it is this machine.</summary>
    private static void CheckPlacement(IReadOnlyList<Service> services)
    {
        var problems = new Problems();
        foreach (var service in services)
        {
            var placement = service.Tree.Map("deploy")?.Map("placement");
            foreach (var constraint in (placement?.Items("constraints") ?? []).OfType<Scalar>())
            {
                var path = DocumentPath.Root["services"][service.Name]["deploy"]["placement"]["constraints"];
                if (Placement.Check(constraint.Text, Environment.MachineName, RuntimeInformation.OSArchitecture) is { } reason) problems.Add(constraint.At, path, reason);
            }
        }
        problems.ThrowIfAny();
    }
}
