using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.DockerApi.Containers;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    private static readonly TimeSpan s_firstLook = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestLook = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits until everything that a service depends on is as far as it asks for.</summary>
    private async Task DependenciesAsync(Service service, IReadOnlyList<string> chosen, CancellationToken cancellationToken)
    {
        if (IsDry) return;
        foreach (var dependency in service.DependsOn.Where(d => d.Condition != DependencyCondition.Started))
        {
            var containers = (await ListAsync(all: true, withOneOff: false, cancellationToken).ConfigureAwait(false)).Where(c => c.Service == dependency.Service).ToList();
            if (containers.Count == 0)
            {
                // Not asked for (--no-deps), or not part of the active profiles.
                if (dependency.IsRequired && chosen.Contains(dependency.Service, StringComparer.Ordinal)) throw new ComposeException($"dependency failed to start: the service '{dependency.Service}' has no container");
                continue;
            }
            try
            {
                await ForAllAsync(containers, c => dependency.Condition == DependencyCondition.Healthy ? HealthyAsync(c.Id, c.Name, needsCheck: true, cancellationToken) : CompletedAsync(c.Id, c.Name, cancellationToken)).ConfigureAwait(false);
            }
            catch (ComposeException e) when (!dependency.IsRequired)
            {
                progress("Service " + dependency.Service, "Warning", $"'{service.Name}' goes without it: {e.Message}");
            }
        }
    }

    /// <summary>Waits until a container is healthy; one without a check counts when it runs, unless a check is needed.</summary>
    private async Task HealthyAsync(string id, string name, bool needsCheck, CancellationToken cancellationToken)
    {
        if (IsDry) return;
        progress("Container " + name, "Waiting", "");
        await UntilAsync(async () =>
        {
            var container = await client.InspectContainerAsync(id, cancellationToken: cancellationToken).ConfigureAwait(false);
            var state = container.State ?? new ContainerState();
            if (state.Health is null or { Status: "none" or "" })
            {
                if (needsCheck) throw new ComposeException($"dependency failed to start: container {name} has no healthcheck configured");
                // One that did what it was there for counts, too.
                if (state is { Running: false, Restarting: false, ExitCode: not 0 } && state.Status != "created") throw new ComposeException($"container {name} exited ({state.ExitCode}){Why(state)}");
                return state.Running || state.Status == "exited";
            }
            if (state.Health.Status == "unhealthy") throw new ComposeException($"dependency failed to start: container {name} is unhealthy{LastCheck(state.Health)}");
            if (state is { Running: false, Restarting: false } && state.Status != "created") throw new ComposeException($"dependency failed to start: container {name} exited ({state.ExitCode}){Why(state)}");
            return state.Health.Status == "healthy";
        }, cancellationToken).ConfigureAwait(false);
        progress("Container " + name, "Healthy", "");
    }

    /// <summary>Waits until a container runs and, if it can be, is healthy.</summary>
    private Task SettledAsync(string id, string name, CancellationToken cancellationToken) => HealthyAsync(id, name, needsCheck: false, cancellationToken);

    private async Task CompletedAsync(string id, string name, CancellationToken cancellationToken)
    {
        progress("Container " + name, "Waiting", "");
        await UntilAsync(async () =>
        {
            var state = (await client.InspectContainerAsync(id, cancellationToken: cancellationToken).ConfigureAwait(false)).State ?? new ContainerState();
            if (state.Status != "exited") return false;
            return state.ExitCode == 0 ? true : throw new ComposeException($"service \"{name}\" didn't complete successfully: exit {state.ExitCode}{Why(state)}");
        }, cancellationToken).ConfigureAwait(false);
        progress("Container " + name, "Exited", "");
    }

    /// <summary>Waits until the containers of services run, or are healthy where they can be.</summary>
    public async Task WaitHealthyAsync(IReadOnlyList<string> services, TimeSpan? timeout, CancellationToken cancellationToken) =>
        await WaitRunningAsync(await SelectAsync(services, all: true, cancellationToken).ConfigureAwait(false), timeout, cancellationToken).ConfigureAwait(false);

    private async Task WaitRunningAsync(IReadOnlyList<ProjectContainer> containers, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limit = timeout is { } t ? new CancellationTokenSource(t, time) : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await ForAllAsync(containers, c => SettledAsync(c.Id, c.Name, both.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ComposeException($"the application did not become healthy in {timeout?.TotalSeconds} seconds" + await UnhealthyAsync(containers, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Which containers are not healthy yet, with what their last check said.</summary>
    private async Task<string> UnhealthyAsync(IReadOnlyList<ProjectContainer> containers, CancellationToken cancellationToken)
    {
        string text = "";
        foreach (var container in containers)
        {
            var state = (await client.InspectContainerAsync(container.Id, cancellationToken: cancellationToken).ConfigureAwait(false)).State;
            if (state?.Health is { Status: not ("healthy" or "none" or "") } health) text += $"\ncontainer {container.Name} is {health.Status}{LastCheck(health)}";
        }
        return text;
    }

    private async Task UntilAsync(Func<Task<bool>> isDone, CancellationToken cancellationToken)
    {
        var pause = s_firstLook;
        while (!await isDone().ConfigureAwait(false))
        {
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < s_longestLook ? pause * 2 : s_longestLook;
        }
    }

    private static string LastCheck(HealthState health) =>
        health.Log is [.., { } last] ? $": its last check ended with {last.ExitCode} and said '{(last.Output.Length > 500 ? last.Output[..500] + "…" : last.Output).Trim()}'" : "";

    private static string Why(ContainerState state) => state.Error.Length > 0 ? ": " + state.Error : state.OOMKilled ? ": out of memory" : "";
}
