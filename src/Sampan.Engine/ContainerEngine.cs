using System.Globalization;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Events;
using Sampan.Engine.Execs;
using Sampan.Engine.Health;
using Sampan.Engine.Images;
using Sampan.Engine.Logs;
using Sampan.Engine.Networks;
using Sampan.Engine.Plugins;
using Sampan.Engine.Recipes;
using Sampan.Engine.Services;
using Sampan.Engine.Stores;
using Sampan.Engine.Volumes;
using Sampan.Runtime.Observation;

namespace Sampan.Engine;

/// <summary>
/// The engine: containers, their images, networks and volumes, on one data root. Opening it finds every container that an earlier
/// daemon left; disposing it leaves them running.
/// </summary>
public sealed class ContainerEngine : IAsyncDisposable
{
    private readonly EngineParts _parts;
    private readonly ExitWatcher _watcher;
    private readonly HealthMonitors _health;
    private readonly Readiness _readiness;
    private readonly LogKeepers _logs;
    private readonly string _id;
    private int _disposed;

    private ContainerEngine(EngineParts parts, string id)
    {
        _parts = parts;
        _id = id;
        var execs = new ExecTable(parts.Time);

        // Start and exit need each other: the watcher gets its two ways on by name.
        StartRecipe? start = null;
        RemoveRecipe? remove = null;
        _watcher = new ExitWatcher(parts)
        {
            Restart = (container, ct) => start is null ? Task.CompletedTask : start.RunAsync(container, byPolicy: true, ct),
            Remove = container => remove is null ? Task.CompletedTask : RemoveEndedAsync(remove, container),
        };
        start = new StartRecipe(parts, _watcher);
        _readiness = new Readiness(parts);
        var stop = new StopRecipe(parts, _watcher, _readiness);
        remove = new RemoveRecipe(parts, stop, execs, _readiness) { CancelRestart = _watcher.CancelRestart };
        Recovery = new Recovery(parts, _watcher, remove, stop);
        Containers = new ContainerOperations(parts, new CreateRecipe(parts), start, stop, remove, _watcher, execs);
        Execs = new ExecOperations(parts, execs);
        _logs = new LogKeepers(parts);
        _health = new HealthMonitors(parts, new Probe(parts, Execs), _readiness.Follow, container => _watcher.Own(RestartUnhealthyAsync(stop, container)));
        Images = new ImageOperations(parts);
        Steps = new StepOperations(parts);
        Networks = new NetworkOperations(parts);
        Volumes = new VolumeOperations(parts, Containers);
        Stores = new StoreOperations(parts);
        Plugins = new PluginOperations(parts);
    }

    /// <summary>Containers.</summary>
    public ContainerOperations Containers { get; }

    /// <summary>Further processes in containers.</summary>
    public ExecOperations Execs { get; }

    /// <summary>Images.</summary>
    public ImageOperations Images { get; }

    /// <summary>Files of a build's steps.</summary>
    public StepOperations Steps { get; }

    /// <summary>Networks.</summary>
    public NetworkOperations Networks { get; }

    /// <summary>Volumes.</summary>
    public VolumeOperations Volumes { get; }

    /// <summary>The store as a whole.</summary>
    public StoreOperations Stores { get; }

    /// <summary>Managed plugins.</summary>
    public PluginOperations Plugins { get; }

    /// <summary>What happens.</summary>
    public EventFeed Events => _parts.Events;

    private Recovery Recovery { get; }

    /// <summary>Opens the engine and recovers what an earlier one left.</summary>
    /// <param name="options">What the daemon was told.</param>
    /// <param name="time">The clock.</param>
    /// <param name="notices">The daemon's log; null: nobody reads it.</param>
    /// <param name="ct">Gives up opening.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Internal"/>: the roots or the network cannot be used.</exception>
    public static async Task<ContainerEngine> OpenAsync(EngineOptions options, TimeProvider time, Action<EngineNotice>? notices, CancellationToken ct) =>
        await OpenAsync(await EngineAssembly.BuildAsync(options, time, notices ?? (_ => { }), ct), ct);

    /// <summary>The machine and what is on it.</summary>
    public SystemSummary Summary() => SystemFacts.Summary(_parts, _id);

    /// <summary>What takes room.</summary>
    public DiskUsage DiskUsage() => SystemFacts.Usage(_parts, this);

    /// <summary>Takes down what containers share on the host: bridge, firewall table, parent cgroup. The next start makes them again.</summary>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: a container runs.</exception>
    public async Task ReleaseHostAsync(CancellationToken ct)
    {
        if (_parts.Registry.All.FirstOrDefault(c => c.Current.IsRunning) is { } running)
            throw EngineException.Conflict($"cannot release the host's network: container '{running.Current.Name}' is running: stop it first");
        await Translate.RunAsync(() => _parts.Network.ReleaseAllAsync(ct));
        Translate.Run(() => HostCgroups.RemoveEmpty(_parts.CgroupRoot));
        Translate.Run(() => Users.MappedUsers.Release(_parts.Options));
    }

    /// <summary>Whether no container runs.</summary>
    public bool IsIdle => !_parts.Registry.All.Any(c => c.Current.IsRunning);

    /// <summary>Stops watching; containers run on, and the next engine on these roots finds them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _health.DisposeAsync();
        await _logs.DisposeAsync();
        await _watcher.DisposeAsync();
        await _readiness.DisposeAsync();
        await Plugins.DisposeAsync();
        await Execs.CloseAsync(new CancellationToken(canceled: true));
        if (IsIdle)
            await ReleaseAsync();
        await _parts.Network.DisposeAsync();
        if (_parts.Ahead is { } ahead)
            await ahead.DisposeAsync();
        await _parts.Removed.DisposeAsync();
        if (_parts.LayerFlush is { } flush)
            await flush.DisposeAsync();
        _parts.Registries.Dispose();
        _parts.Volumes.Dispose();
        foreach (var held in _parts.Locks)
            held.Dispose();
    }

    internal static async Task<ContainerEngine> OpenAsync(EngineParts parts, CancellationToken ct)
    {
        var engine = new ContainerEngine(parts, EngineAssembly.IdOf(parts.Options.DataRoot));
        // Before containers, whose volumes may be of plugins.
        await engine.Plugins.RecoverAsync(ct);
        await engine.Recovery.RunAsync(ct);
        await engine.Containers.FinishCopiesAsync(ct);
        await engine._readiness.RecoverAsync();
        foreach (var container in parts.Registry.All)
            engine._logs.Keep(container);
        return engine;
    }

    // The exit watcher starts it again: it knows the back-off, and hears when a person decides otherwise meanwhile.
    private async Task RestartUnhealthyAsync(StopRecipe stop, Container container)
    {
        var streak = container.Current.Health?.FailingStreak ?? 0;
        try
        {
            if (await stop.RunAsync(container, null, null, CancellationToken.None, byUser: false) == StopOutcome.AlreadyStopped)
                return;
            _parts.Publish(container.Current, "restart", ("reason", "unhealthy"), ("failingStreak", streak.ToString(CultureInfo.InvariantCulture)));
            _parts.Notices(new EngineNotice(NoticeLevel.Warning, $"container {container.Short} is unhealthy after {streak} failed probes: it is started again"));
        }
        catch (EngineException failure)
        {
            _parts.Notices(new EngineNotice(NoticeLevel.Error, $"cannot restart the unhealthy container {container.Short}: {failure.Message}", failure));
        }
    }

    // Nobody is left: neither are the bridge, the firewall's table and the parent cgroup.
    private async Task ReleaseAsync()
    {
        try
        {
            await ReleaseHostAsync(CancellationToken.None);
        }
        catch (EngineException failure)
        {
            _parts.Notices(new EngineNotice(NoticeLevel.Warning, $"cannot release what the last container left: {failure.Message}", failure));
        }
    }

    private static async Task RemoveEndedAsync(RemoveRecipe remove, Container container)
    {
        try
        {
            await remove.RunAsync(container, new RemoveOptions { Volumes = true });
        }
        catch (EngineException raced) when (raced.Kind is ErrorKind.NotFound or ErrorKind.Conflict)
        {
            // Somebody else removes it at the same moment.
        }
    }
}
