using Sampan.Engine.Containers;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Health;

/// <summary>
/// Probes every running container that has a probe: one loop each, from the moment the container runs until it is paused or stopped.
/// A restarted daemon goes on where the one before stopped, since the report is part of the container's record.
/// </summary>
internal sealed class HealthMonitors : IAsyncDisposable
{
    private readonly EngineParts _parts;
    private readonly Probe _probe;
    private readonly Action<Container> _restart;
    private readonly Action<Container> _changed;
    private readonly OwnedTasks _loops = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Monitor> _monitors = [];
    private bool _closed;

    private sealed record Monitor(DateTimeOffset RunSince, CancellationTokenSource Ending);

    /// <summary>Follows the containers of a registry from now on.</summary>
    /// <param name="parts">The engine's parts.</param>
    /// <param name="probe">Runs a probe.</param>
    /// <param name="changed">Told of each change of a container's health.</param>
    /// <param name="restart">Restarts a container that has become unhealthy.</param>
    public HealthMonitors(EngineParts parts, Probe probe, Action<Container> changed, Action<Container> restart)
    {
        _parts = parts;
        _probe = probe;
        _changed = changed;
        _restart = restart;
        parts.Registry.Moved += Follow;
    }

    /// <summary>Ends the loops; the containers are left alone.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var monitor in _monitors.Values)
                _ = monitor.Ending.CancelAsync();
            _monitors.Clear();
        }

        await _loops.WhenAll();
    }

    // Called after each move of a container, in whatever order: what counts is where it is now.
    private void Follow(Container container)
    {
        lock (_gate)
        {
            var now = container.Current;
            if (now.State is Running running && !_closed && HealthPlan.Of(now.Spec) is { } plan)
                Begin(container, plan, running.StartedAt);
            else if (_monitors.Remove(container.Id, out var monitor))
                _ = monitor.Ending.CancelAsync();

            // Docker's word for a container that has ended.
            if (now is { State: Exited, Health.Status: not HealthStatus.Unhealthy })
                container.Update(c => c with { Health = c.Health is { } health ? health with { Status = HealthStatus.Unhealthy } : null });
        }
    }

    private void Begin(Container container, HealthPlan plan, DateTimeOffset since)
    {
        if (_monitors.TryGetValue(container.Id, out var old))
        {
            if (old.RunSince == since)
                return;
            _ = old.Ending.CancelAsync();
        }

        if (container.Current.Health?.RunSince != since)
            container.Update(c => c with { Health = HealthReport.Begin(c.Health, since) });
        var monitor = new Monitor(since, new CancellationTokenSource());
        _monitors[container.Id] = monitor;
        _loops.Own(WatchAsync(container, plan, monitor));
    }

    private async Task WatchAsync(Container container, HealthPlan plan, Monitor monitor)
    {
        // Whoever moved the container holds our lock.
        await Task.Yield();
        try
        {
            while (true)
                await ProbeOnceAsync(container, plan, monitor);
        }
        catch (OperationCanceledException) when (monitor.Ending.IsCancellationRequested)
        {
            // Paused, stopped, ended, or the daemon goes.
        }
        catch (Exception failure)
        {
            _parts.Notices(new EngineNotice(NoticeLevel.Error, $"the health of container {container.Short} is no longer watched: {failure.Message}", failure));
        }
        finally
        {
            monitor.Ending.Dispose();
        }
    }

    // (1) wait (2) probe (3) note, under the gate and only if the container still runs (4) tell (5) restart.
    private async Task ProbeOnceAsync(Container container, HealthPlan plan, Monitor monitor)
    {
        var ct = monitor.Ending.Token;

        // (1)
        var status = container.Current.Health?.Status ?? HealthStatus.Starting;
        await Task.Delay(plan.Pause(status, container.RunsFor(_parts.Time)), _parts.Time, ct);

        // (2)
        var age = container.RunsFor(_parts.Time);
        var result = await _probe.RunAsync(container, plan, ct);

        // (3)
        HealthReport before, after;
        ContainerSnapshot now;
        await container.Gate.WaitAsync(ct);
        try
        {
            ct.ThrowIfCancellationRequested();
            before = container.Current.Health ?? HealthReport.Begin(null, monitor.RunSince);
            after = before.After(result, plan, age);
            now = container.Update(c => c with { Health = after });
            if (after.Status != before.Status || after.FailingStreak != before.FailingStreak)
                _parts.TrySave(now, "a daemon that is started now begins with what was known before");
        }
        finally
        {
            container.Gate.Release();
        }

        // (4)
        if (after.Status != before.Status)
        {
            _changed(container);
            _parts.Publish(now, $"health_status: {after.Status.ToString().ToLowerInvariant()}");
        }

        // (5)
        if (after.Status == HealthStatus.Unhealthy && UnhealthyRestart.Wanted(now.Spec, _parts.Options.RestartOnUnhealthy))
            _restart(container);
    }
}
