using Sampan.Engine.Containers;
using Sampan.Engine.Health;
using Sampan.Network;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Services;

/// <summary>
/// Who of a service is given new connections: those that run and, if they have a check, are healthy. It follows every change of
/// state and health, and lets a container drain before it is stopped.
/// </summary>
internal sealed class Readiness : IAsyncDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(100);
    private const int LeastRounds = 2;

    private readonly EngineParts _parts;
    private readonly OwnedTasks _changes = new();

    /// <summary>Follows the containers of a registry from now on.</summary>
    public Readiness(EngineParts parts)
    {
        _parts = parts;
        parts.Registry.Moved += Follow;
    }

    /// <summary>Waits for what is on its way.</summary>
    public async ValueTask DisposeAsync() => await _changes.WhenAll();

    /// <summary>Called after each change of a container's state or health, in whatever order: what counts is how it is when the network asks.</summary>
    public void Follow(Container container)
    {
        var now = container.Current;
        // What starts is not connected yet, and what has ended is disconnected.
        if (now.State is not (Running or Paused or Stopping) || ServiceLabels.ServiceOf(now.Spec) is null)
            return;
        _changes.Own(ChangeAsync(container));
    }

    /// <summary>After a restart of the daemon: whoever ended or fell ill meanwhile is out, services without containers are gone.</summary>
    public async Task RecoverAsync()
    {
        foreach (var container in _parts.Registry.All)
            Follow(container);
        foreach (var name in _parts.Network.Networks.SelectMany(n => n.Services).Select(s => s.Name).Distinct().ToList())
            await ForgetAsync(name);
        await _changes.WhenAll();
    }

    /// <summary>
    /// Before a stop: (1) no new connections, also from the gateway, which hears the event (2) wait until none is open, or for as
    /// long as its label says (3) the rest is for the container to end.
    /// </summary>
    public async Task DrainAsync(Container container)
    {
        var before = container.Current;
        if (before.State is not Running || ServiceLabels.DrainOf(before.Spec) is not { } patience)
            return;

        // (1) Whoever takes its place may be well for a moment only: that is known before this one goes.
        var service = ServiceLabels.ServiceOf(before.Spec);
        await Task.WhenAll(_parts.Registry.All.Where(c => service is not null && c != container && ServiceLabels.ServiceOf(c.Current.Spec) == service).Select(ChangeAsync));
        container.Draining = true;
        await ChangeAsync(container);
        if (patience == TimeSpan.Zero)
            return;
        _parts.Publish(before, "drain", ("seconds", ((int)patience.TotalSeconds).ToString()));

        // (2)
        var exit = container.NextExit;
        var began = _parts.Time.GetTimestamp();
        for (var round = 1; _parts.Time.GetElapsedTime(began) < patience; round++)
        {
            await Task.WhenAny(exit, Task.Delay(Round, _parts.Time, container.Gone));
            if (exit.IsCompleted || container.Gone.IsCancellationRequested || container.Current.State is not Running || (round >= LeastRounds && await OpenAsync(container) == 0))
                return;
        }
    }

    /// <summary>A stop is over, or was given up.</summary>
    public void EndDrain(Container container)
    {
        container.Draining = false;
        Follow(container);
    }

    /// <summary>A container was removed: with the last one of a service, its address is free.</summary>
    public Task ForgetAsync(ContainerSnapshot removed) =>
        ServiceLabels.ServiceOf(removed.Spec) is { } name ? ForgetAsync(name) : Task.CompletedTask;

    private async Task ForgetAsync(string service)
    {
        if (_parts.Registry.All.Any(c => ServiceLabels.ServiceOf(c.Current.Spec) == service))
            return;
        try
        {
            await _parts.Network.ForgetServiceAsync(service);
        }
        catch (NetworkException failure)
        {
            _parts.Notices(new EngineNotice(NoticeLevel.Error, $"cannot give back the addresses of service '{service}', whose containers are gone: {failure.Message}", failure));
        }
    }

    private static bool IsReady(Container container)
    {
        var now = container.Current;
        return now.State is Running running && !container.Draining
            && (HealthPlan.Of(now.Spec) is null || now.Health is { Status: HealthStatus.Healthy } health && health.RunSince == running.StartedAt);
    }

    private async Task ChangeAsync(Container container)
    {
        try
        {
            await _parts.Network.SetReadyAsync(container.Id, () => IsReady(container));
        }
        catch (NetworkException failure)
        {
            _parts.Notices(new EngineNotice(NoticeLevel.Error, $"cannot say who of service '{ServiceLabels.ServiceOf(container.Current.Spec)}' is ready: {failure.Message}", failure));
        }
    }

    private async Task<int> OpenAsync(Container container)
    {
        try
        {
            return await _parts.Network.CountConnectionsAsync(container.Id);
        }
        catch (NetworkException failure)
        {
            _parts.Notices(new EngineNotice(NoticeLevel.Warning, $"cannot count the open connections of container {container.Short}, it has its whole time to drain: {failure.Message}", failure));
            return int.MaxValue;
        }
    }
}
