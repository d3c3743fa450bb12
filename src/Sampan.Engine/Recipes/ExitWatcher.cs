using System.Collections.Concurrent;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Networks;
using Sampan.Engine.Supervision;
using Sampan.Runtime.Observation;
using Sampan.Storage;

namespace Sampan.Engine.Recipes;

/// <summary>
/// Owns what follows an exit: the network is left, the state moves, waiters wake, then the restart policy or <c>--rm</c> has its way.
/// It holds one task per running container; disposing ends the watching and leaves the containers alone.
/// </summary>
internal sealed class ExitWatcher(EngineParts parts) : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly OwnedTasks _loops = new();
    private readonly ConcurrentDictionary<string, RestartPlan> _plans = new();

    /// <summary>Starts a container again; set when the engine is put together, since start and exit need each other.</summary>
    public required Func<Container, CancellationToken, Task> Restart { private get; init; }

    /// <summary>Removes a container whose process ended and whose creator said <c>--rm</c>.</summary>
    public required Func<Container, Task> Remove { private get; init; }

    /// <summary>Watches a running container.</summary>
    public void Watch(Container container, ISupervisor supervisor) => Own(WatchAsync(container, supervisor));

    /// <summary>A person starts, stops or removes the container: the policy's plan is void.</summary>
    public void CancelRestart(Container container)
    {
        if (_plans.TryRemove(container.Id, out var plan))
            plan.Cancel.Cancel();
        container.Update(c => c with { RestartsAt = null });
    }

    /// <summary>Lets the policy decide about a container that ended while no daemon ran.</summary>
    public void Reconsider(Container container)
    {
        var now = container.Current;
        if (now.LastExit is { StartedAt: not null } exit && (now.IsRestarting || (now.EndsUnhealthy && !now.StoppedByUser) || RestartBackoff.Wants(now.Spec.Restart, exit.ExitCode, now.RestartCount - now.RestartsForgiven, now.StoppedByUser)))
            Plan(container);
    }

    /// <summary>Does what follows an exit.</summary>
    public async Task HandleAsync(Container container, ISupervisor? supervisor, ExitStatus ended)
    {
        ContainerSnapshot now;
        ExitStatus status;
        bool held;
        await container.Gate.WaitAsync(CancellationToken.None);
        try
        {
            if (container.Supervisor != supervisor)
                return;
            status = ended with { StartedAt = StartOf(container.Current.State) };
            await LeaveAsync(container, supervisor);
            DaemonFailPoint.Reach("exit.network-left");
            container.Move(new ContainerState.Exited(status));
            var succeeded = RestartTiming.Of(container.Current.Spec).Window is { } window && container.RunsFor(parts.Time) >= window;
            now = container.Update(c => c with
            {
                RestartsForgiven = succeeded ? c.RestartCount : c.RestartsForgiven,
                LastExit = status,
                ExecIds = [],
                Endpoints = [.. c.Endpoints.Select(e => new EndpointSnapshot { NetworkName = e.NetworkName, NetworkId = e.NetworkId })],
            });
            held = container.HoldAfterExit;
            // What goes with its process is removed right now, or by the next daemon, which finds that it ran and runs no more.
            var isKnown = (!held && now.Spec.AutoRemove && !now.IsRestarting) || parts.TrySave(now, "a daemon that is started now finds how it ended in its state directory");
            DaemonFailPoint.Reach("exit.record-stored");
            // Only now: it has the exit code.
            if (isKnown)
                RemoveStateDirectory(container);
            DaemonFailPoint.Reach("exit.directory-removed");
        }
        finally
        {
            container.Gate.Release();
        }

        if (status.OomKilled)
            parts.Publish(now, "oom");
        parts.Publish(now, "die", ("exitCode", status.ExitCode.ToString()), ("execDuration", container.RunsFor(parts.Time).TotalSeconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture)));
        if (!held && !_closing.IsCancellationRequested && WantsRestart(now, status))
            Plan(container);
        container.AnnounceExit(status);
        if (!held && now.Spec.AutoRemove && !now.IsRestarting)
            await Remove(container);
    }

    /// <summary>Ends the watching.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _loops.WhenAll();
        _closing.Dispose();
    }

    private static bool WantsRestart(ContainerSnapshot container, ExitStatus status) =>
        container.IsRestarting || (!container.StoppedByUser && (container.EndsUnhealthy || RestartBackoff.Wants(container.Spec.Restart, status.ExitCode, container.RestartCount - container.RestartsForgiven, container.StoppedByUser)));

    private static bool WantsAnotherTry(ContainerSnapshot container) =>
        RestartBackoff.Wants(container.Spec.Restart, StartRecipe.FailureCode, container.RestartCount - container.RestartsForgiven, container.StoppedByUser);

    private async Task WatchAsync(Container container, ISupervisor supervisor)
    {
        try
        {
            var status = await supervisor.Exited.WaitAsync(_closing.Token);
            await HandleAsync(container, supervisor, status);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The daemon goes, the container stays: the next daemon finds it by its socket.
            await supervisor.DisposeAsync();
        }
        catch (Exception failure)
        {
            parts.Notices(new EngineNotice(NoticeLevel.Error, $"cannot clean up after the exit of container {container.Short}: {failure.Message}", failure));
        }
    }

    // The parts of a running container that are not its record. Each is tried: what ended has ended, whatever cannot be cleaned up.
    private async Task LeaveAsync(Container container, ISupervisor? supervisor)
    {
        var leaving = ContainerNetwork.SharedWith(container.Current.Spec.Network) is null
            ? parts.Network.DisconnectAsync(container.Id, CancellationToken.None)
            : Task.CompletedTask;
        if (supervisor is not null)
            await supervisor.DisposeAsync();
        container.Disconnect();
        try
        {
            await leaving;
            foreach (var endpoint in container.Current.Endpoints.Where(e => e.EndpointId.Length > 0))
                NetworkOperations.Publish(parts, endpoint.NetworkId, "disconnect", container.Id);
        }
        catch (Network.NetworkException failure)
        {
            parts.Notices(new EngineNotice(NoticeLevel.Error, $"cannot take container {container.Short} off its network: {failure.Message}", failure));
        }

        await VolumeUse.ReleaseAsync(parts, container.Current.Mounts, container.Id);
        parts.PublishVolumes(container.Current, "unmount");
    }

    private void RemoveStateDirectory(Container container)
    {
        try
        {
            parts.Removed.Remove(parts.StateDirectory(container.Id));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            parts.Notices(new EngineNotice(NoticeLevel.Error, $"cannot remove the state directory of container {container.Short}: {failure.Message}", failure));
        }
    }

    private void Plan(Container container)
    {
        var previous = _plans.TryGetValue(container.Id, out var old) ? old.Delay : (TimeSpan?)null;
        // A run that was never well is a failed one, however long it took to find that out.
        var run = container.Current is { EndsUnhealthy: true, Health.HasBeenWell: false } ? TimeSpan.Zero : container.RunsFor(parts.Time);
        var plan = new RestartPlan(RestartTiming.Of(container.Current.Spec).Delay ?? RestartBackoff.Next(previous, run), new CancellationTokenSource());
        _plans[container.Id] = plan;
        container.Update(c => c with { RestartsAt = parts.Time.GetUtcNow() + plan.Delay });
        Own(RestartAsync(container, plan));
    }

    private async Task RestartAsync(Container container, RestartPlan plan)
    {
        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(plan.Cancel.Token, _closing.Token);
            await Task.Delay(plan.Delay, parts.Time, ending.Token);
            container.Update(c => c with { RestartCount = c.RestartCount + 1 });
            await Restart(container, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // Somebody else decided, or the daemon goes: the next one reconsiders.
        }
        catch (EngineException failure)
        {
            container.Update(c => c with { RestartsAt = null });
            parts.Notices(new EngineNotice(NoticeLevel.Warning, $"cannot restart container {container.Short}: {failure.Message}", failure));
            // There may be room, or the disk be writable, at the next try.
            if (DiskRefusal.Is(failure) && !_closing.IsCancellationRequested && WantsAnotherTry(container.Current) && _plans.GetValueOrDefault(container.Id) == plan)
                Plan(container);
        }
    }

    /// <summary>Keeps a task until it ends.</summary>
    public void Own(Task loop) => _loops.Own(loop);

    /// <summary>When the run began; null: none.</summary>
    public static DateTimeOffset? StartOf(ContainerState state) => state switch
    {
        ContainerState.Running r => r.StartedAt,
        ContainerState.Paused p => p.StartedAt,
        ContainerState.Stopping s => s.StartedAt,
        _ => null,
    };

    private sealed record RestartPlan(TimeSpan Delay, CancellationTokenSource Cancel);
}
