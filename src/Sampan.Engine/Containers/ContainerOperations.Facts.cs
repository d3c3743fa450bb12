using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Processes;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Health;
using Sampan.Engine.Recipes;
using Sampan.Engine.Specs;
using Sampan.Engine.Supervision;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Containers;

/// <content>What can be asked of containers, and changed without starting or stopping them.</content>
public sealed partial class ContainerOperations
{
    /// <summary>All that is known of a container now.</summary>
    /// <param name="idOrName">Which.</param>
    public ContainerSnapshot Get(string idOrName) => _parts.Registry.Get(idOrName).Current;

    /// <summary>All containers, newest first.</summary>
    public IReadOnlyList<ContainerSnapshot> List() => [.. _parts.Registry.All.Select(c => c.Current)];

    /// <summary>The processes of a running container.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="psArguments">ps's options: <c>-ef</c> (the default), <c>aux</c>, or <c>-o</c> with columns.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: it does not run. <see cref="ErrorKind.InvalidArgument"/>: another option.</exception>
    public ProcessTable Top(string idOrName, string? psArguments)
    {
        var container = _parts.Registry.Get(idOrName);
        if (container.Current.State.ProcessId is not { } pid)
            throw Ending.NotRunning(container);
        var columns = ProcessColumns.Parse(psArguments, ProcessClock.Read(_parts.Time));
        var processes = ContainerProcesses.List(pid);
        // None: it has ended, and its state is about to say so.
        if (processes.Count == 0)
            throw Ending.NotRunning(container);
        _parts.Publish(container.Current, "top");
        return columns.Table(processes);
    }

    /// <summary>How many bytes a container's writable layer and its whole root filesystem hold.</summary>
    /// <param name="idOrName">Which.</param>
    public (long SizeRw, long SizeRootFs) Sizes(string idOrName)
    {
        var container = _parts.Registry.Get(idOrName).Current;
        return Translate.Run(() =>
        {
            var own = _parts.Snapshots.Usage(container.Id);
            return (own, own + (_parts.Images.Find(container.ImageId)?.Size ?? 0));
        });
    }

    /// <summary>The storage driver's facts about a container, for inspect: the directories of its layers.</summary>
    /// <param name="idOrName">Which.</param>
    public IReadOnlyDictionary<string, string> Storage(string idOrName)
    {
        var container = _parts.Registry.Get(idOrName).Current;
        return Translate.Run(() => _parts.Snapshots.Describe(container.Id));
    }

    /// <summary>Changes limits and the restart policy, of a running container at once.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="request">What changes.</param>
    /// <param name="ct">Heeded until it is applied.</param>
    /// <returns>Warnings for people.</returns>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/> with every problem; <see cref="ErrorKind.Conflict"/> while it is being removed.</exception>
    public async Task<IReadOnlyList<string>> UpdateAsync(string idOrName, UpdateRequest request, CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        await container.Gate.WaitAsync(ct);
        try
        {
            var now = container.Current;
            if (now.State is ContainerState.Removing or ContainerState.Dead)
                throw EngineException.Conflict("Container is marked for removal and cannot be \"update\".");
            var spec = now.Spec with { Resources = Without(Lay(now.Spec.Resources, request.Resources), request.Cleared, _ => []), Restart = request.Restart ?? now.Spec.Restart };
            if (request.RestartOnUnhealthy is { } again)
                spec = spec with { Labels = new Dictionary<string, string>(spec.Labels) { [UnhealthyRestart.Label] = again ? "true" : "false" } };
            if (spec.AutoRemove && spec.Restart.Kind != RestartKind.No)
                throw EngineException.Invalid("Restart policy cannot be updated because AutoRemove is enabled for the container");
            spec = WithPorts(now, spec, request);
            SpecCheck.Verify(spec, _parts.KnownCapabilities, _parts.Options.SystemdCgroups, CreateRecipe.RealTime(spec));
            if (container.Supervisor is { } supervisor && now.IsRunning)
            {
                if (request.PublishAdd.Count > 0 || request.PublishRemove.Count > 0)
                    await ChangePortsAsync(container, request, ct);
                // No limit is written as none: it is not enough to write nothing.
                await UpdateLiveAsync(container, supervisor, spec, Without(Lay(now.Spec.Resources, request.Resources), request.Cleared, devices => [.. devices.Select(d => d with { Rate = 0 })]), ct);
            }

            _parts.Save(container.Update(c => c with { Spec = spec, ChangingLimits = null }), durable: true);
            _parts.Publish(container.Current, "update");
            return [];
        }
        finally
        {
            container.Gate.Release();
        }
    }

    // The record first: a daemon that finds it goes on. One that ends meanwhile gets its new limits at the next start.
    private async Task UpdateLiveAsync(Container container, ISupervisor supervisor, ContainerSpec spec, ResourceLimits limits, CancellationToken ct)
    {
        _parts.Save(container.Current with { Spec = spec, ChangingLimits = limits }, durable: false);
        DaemonFailPoint.Reach("update.record-stored");
        try
        {
            await Ending.AskAsync(container, supervisor, s => s.UpdateAsync(SpecResources.Limits(limits, BlockDevices.Find(limits)), ct));
        }
        catch (EngineException ended) when (ended.Kind == ErrorKind.Conflict && supervisor.Exited.IsCompleted)
        {
            // Nothing is there to be limited.
        }
        catch
        {
            _parts.Save(container.Current, durable: false);
            throw;
        }

        DaemonFailPoint.Reach("update.limits-set");
    }

    /// <summary>Removes a link (<c>rm --link</c>), not the container behind it.</summary>
    /// <param name="parentAndAlias">The container that has the link, and the name it gives: <c>web/db</c>.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.InvalidArgument"/>: no such link.</exception>
    public void RemoveLink(string parentAndAlias)
    {
        var path = parentAndAlias.Trim('/');
        var slash = path.LastIndexOf('/');
        if (slash < 0)
            throw EngineException.Invalid($"Could not get parent container for link '{parentAndAlias}': expected container/alias");
        var container = _parts.Registry.Get(path[..slash]);
        var links = container.Current.Spec.Network.Links;
        var left = links.Where(l => LinkName.Parse(l).Alias != path[(slash + 1)..]).ToList();
        if (left.Count == links.Count)
            throw EngineException.NotFound($"no such link: {parentAndAlias}");
        var now = container.Update(c => c with { Spec = c.Spec with { Network = c.Spec.Network with { Links = left } } });
        _parts.Save(now, durable: true);
        if (now.IsRunning)
            SpecSources.RewriteFiles(_parts, now, firstNames: false);
    }

    /// <summary>Removes containers that do not run. Those of a build's steps are the build's, which needs them before and after they run.</summary>
    /// <param name="which">Which of them.</param>
    /// <param name="ct">Ends it between two containers.</param>
    public async Task<ContainersPruned> PruneAsync(Func<ContainerSnapshot, bool> which, CancellationToken ct)
    {
        var ids = new List<string>();
        long bytes = 0;
        foreach (var container in _parts.Registry.All.Where(c => c.Current is { IsRunning: false, State: ContainerState.Created or ContainerState.Exited or ContainerState.Dead, RestartsAt: null } && which(c.Current)))
        {
            ct.ThrowIfCancellationRequested();
            if (_parts.Images.Find(container.Current.ImageId) is { IsStep: true })
                continue;
            long size;
            try
            {
                size = Translate.Run(() => _parts.Snapshots.Usage(container.Id));
                await _remove.RunAsync(container, new RemoveOptions());
            }
            catch (EngineException raced) when (raced.Kind is ErrorKind.Conflict or ErrorKind.NotFound)
            {
                // Somebody started or removed it just now.
                continue;
            }

            ids.Add(container.Id);
            bytes += size;
        }

        _parts.Events.Pruned("container", bytes);
        return new ContainersPruned(ids, bytes);
    }

    private static ResourceLimits Lay(ResourceLimits old, ResourceLimits change) => old with
    {
        Memory = change.Memory ?? old.Memory,
        // Docker: a new memory limit keeps the distance to swap only if the user says so.
        MemorySwap = change.MemorySwap ?? old.MemorySwap,
        MemoryReservation = change.MemoryReservation ?? old.MemoryReservation,
        MemorySwappiness = change.MemorySwappiness ?? old.MemorySwappiness,
        OomKillDisable = change.OomKillDisable ?? old.OomKillDisable,
        NanoCpus = change.NanoCpus ?? (change.CpuQuota is null && change.CpuPeriod is null ? old.NanoCpus : null),
        CpuShares = change.CpuShares ?? old.CpuShares,
        CpuQuota = change.CpuQuota ?? (change.NanoCpus is null ? old.CpuQuota : null),
        CpuPeriod = change.CpuPeriod ?? (change.NanoCpus is null ? old.CpuPeriod : null),
        CpuRealtimeRuntime = change.CpuRealtimeRuntime ?? old.CpuRealtimeRuntime,
        CpuRealtimePeriod = change.CpuRealtimePeriod ?? old.CpuRealtimePeriod,
        CpusetCpus = change.CpusetCpus ?? old.CpusetCpus,
        CpusetMems = change.CpusetMems ?? old.CpusetMems,
        PidsLimit = change.PidsLimit ?? old.PidsLimit,
        BlkioWeight = change.BlkioWeight ?? old.BlkioWeight,
        BlkioWeightDevices = Lay(old.BlkioWeightDevices, change.BlkioWeightDevices),
        BlkioReadBytes = Lay(old.BlkioReadBytes, change.BlkioReadBytes),
        BlkioWriteBytes = Lay(old.BlkioWriteBytes, change.BlkioWriteBytes),
        BlkioReads = Lay(old.BlkioReads, change.BlkioReads),
        BlkioWrites = Lay(old.BlkioWrites, change.BlkioWrites),
    };

    private static ResourceLimits Without(ResourceLimits limits, DeviceLimits cleared, Func<IReadOnlyList<DeviceRate>, IReadOnlyList<DeviceRate>> change)
    {
        return cleared == DeviceLimits.None ? limits : limits with
        {
            BlkioWeightDevices = Of(DeviceLimits.Weights, limits.BlkioWeightDevices),
            BlkioReadBytes = Of(DeviceLimits.ReadBytes, limits.BlkioReadBytes),
            BlkioWriteBytes = Of(DeviceLimits.WriteBytes, limits.BlkioWriteBytes),
            BlkioReads = Of(DeviceLimits.Reads, limits.BlkioReads),
            BlkioWrites = Of(DeviceLimits.Writes, limits.BlkioWrites),
        };

        IReadOnlyList<DeviceRate> Of(DeviceLimits kind, IReadOnlyList<DeviceRate> devices) => cleared.HasFlag(kind) ? change(devices) : devices;
    }

    private static IReadOnlyList<DeviceRate> Lay(IReadOnlyList<DeviceRate> old, IReadOnlyList<DeviceRate> change) => change.Count > 0 ? change : old;
}
