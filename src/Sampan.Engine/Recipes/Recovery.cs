using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Networks;
using Sampan.Engine.Specs;
using Sampan.Engine.Supervision;
using Sampan.Storage;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Recipes;

/// <summary>
/// What a daemon does when it starts, whatever happened to the one before:
/// (1) read every record; half-made and half-removed ones go with their snapshots and the volumes made for them
/// (2) find each container's supervisor: one that runs is adopted, one that waited for a start that never came is ended
/// (3) read the last word of those that ended meanwhile
/// (4) tell the network who lives; make records and networks, records and freezers agree
/// (5) do what follows the exits: events, <c>--rm</c>; go on with removals that had killed, or were to; unmount volumes that nobody uses
/// (6) let the restart policies decide.
/// </summary>
internal sealed class Recovery(EngineParts parts, ExitWatcher watcher, RemoveRecipe remove, StopRecipe stop)
{
    /// <summary>The file in a container's directory that names, one a line, the volumes that are made for it before it has a record.</summary>
    public const string MakingFile = "making-volumes";

    private const int LostCode = 255;

    private readonly NetworkRecovery _networks = new(parts);

    /// <summary>Does it.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        // (1)
        await DropHalfMadeVolumesAsync();
        var containers = Load();
        var halfRemoved = containers.Where(c => c.Current.State is Removing or Dead).ToList();
        foreach (var container in halfRemoved)
            await FinishRemovalAsync(container);
        DropOrphanSnapshots();

        // (2), (3)
        var living = containers.Except(halfRemoved).ToList();
        var found = await Task.WhenAll(living.Select(async c => (Container: c, Supervisor: await FindAsync(c.Id, ct))));
        await EndOrphanSupervisorsAsync(ct);
        var ended = new List<(Container Container, ExitStatus Status)>();
        foreach (var (container, supervisor) in found)
        {
            if (supervisor is { Started: true } || container.Current.IsRunning)
                VolumeUse.Adopt(parts, container.Current);
            if (supervisor is { Started: true })
                Adopt(container, supervisor);
            else if (Settle(container) is { } status)
                ended.Add((container, status));
        }

        // (4)
        List<(Container Container, ISupervisor Supervisor)> running = [];
        foreach (var container in living.Where(c => c.Current.IsRunning))
        {
            if (container.Supervisor is { } supervisor)
                running.Add((container, supervisor));
        }

        var kept = await NameSockets.KeptAsync(running, ct);
        await Translate.RunAsync(() => parts.Network.AdoptAsync([.. running.Select(c => c.Container.Id)], kept, ct));
        foreach (var (container, supervisor) in found)
        {
            if (supervisor is not { Started: true })
                continue;
            await AgreeAsync(container, supervisor, ct);
            Follow(container, supervisor);
        }

        // (5)
        foreach (var (container, status) in ended)
            await watcher.HandleAsync(container, null, status);

        foreach (var doomed in living.Where(c => c.Current.Removal is not null && !c.Removed.IsCompleted))
            await RemoveAsync(doomed, doomed.Current.Removal ?? new RemoveOptions());

        foreach (var stuck in parts.VolumeMounts.UnmountUnused())
            parts.Notices(new EngineNotice(NoticeLevel.Error, stuck));

        // (6)
        foreach (var container in living.Where(c => !c.Current.IsRunning && c.Current.RestartsAt is null && !c.Removed.IsCompleted))
            watcher.Reconsider(container);
    }

    private List<Container> Load()
    {
        var scan = parts.Records.Scan();
        foreach (var damaged in scan.Damaged)
            parts.Notices(new EngineNotice(NoticeLevel.Error, $"cannot read the record of container '{damaged.Key}', it is left as it is: {damaged.Reason}"));
        var containers = new List<Container>();
        foreach (var (_, record) in scan.Records)
        {
            var container = new Container(record with { RestartsAt = null, ExecIds = [] });
            try
            {
                parts.Registry.Reserve(record.Name, record.Id);
            }
            catch (EngineException taken)
            {
                parts.Notices(new EngineNotice(NoticeLevel.Error, $"container {container.Short} has another's name, it gets a new one: {taken.Message}"));
                container.Update(c => c with { Name = parts.Registry.ReserveGenerated(c.Id) });
            }

            parts.Registry.Add(container);
            containers.Add(container);
        }

        return containers;
    }

    private async Task FinishRemovalAsync(Container container)
    {
        var volumes = container.Current.State is Removing { Volumes: true };
        container.Update(c => c with { State = new Dead("a removal was interrupted") });
        await RemoveAsync(container, new RemoveOptions { Volumes = volumes });
    }

    private async Task RemoveAsync(Container container, RemoveOptions options)
    {
        try
        {
            await remove.RunAsync(container, options);
        }
        catch (Exception failure) when (failure is EngineException || DiskRefusal.Is(failure))
        {
            parts.Notices(new EngineNotice(NoticeLevel.Warning, failure.Message, failure));
        }
    }

    // Their container has no record, so nobody was told of them, and nobody else has asked for them.
    private async Task DropHalfMadeVolumesAsync()
    {
        foreach (var id in parts.Records.Unfinished())
        {
            var list = Path.Combine(parts.Records.DirectoryOf(id), MakingFile);
            foreach (var name in (File.Exists(list) ? File.ReadAllLines(list) : []).Where(name => parts.Volumes.Find(name) is { } volume && (volume.Anonymous || volume.MadeFor == id)))
                await Translate.RunAsync(() => parts.Volumes.RemoveAsync(name, force: true, _ => null, CancellationToken.None));
        }
    }

    // A create or a removal that a crash interrupted leaves a snapshot whose container has no record.
    private void DropOrphanSnapshots()
    {
        foreach (var key in parts.Snapshots.Keys.Where(k => !parts.Registry.TryFind(ImageMounts.OwnerOf(k), out _)))
            DiskRefusal.TryNow(() => parts.Snapshots.Remove(key));
    }

    private async Task<ISupervisor?> FindAsync(string id, CancellationToken ct)
    {
        var state = parts.StateDirectory(id);
        if (!Directory.Exists(state))
            return null;
        var supervisor = await parts.Supervisors.ConnectAsync(state, ct);
        if (supervisor is null or { Started: true })
            return supervisor;
        await Ending.KillAsync(supervisor);
        return null;
    }

    private async Task EndOrphanSupervisorsAsync(CancellationToken ct)
    {
        var root = Path.Combine(parts.Options.ExecRoot, "containers");
        if (!Directory.Exists(root))
            return;
        foreach (var state in Directory.EnumerateDirectories(root))
        {
            if (parts.Registry.TryFind(Path.GetFileName(state), out _))
                continue;
            if (await parts.Supervisors.ConnectAsync(state, ct) is { } supervisor)
                await Ending.KillAsync(supervisor);
            Directory.Delete(state, recursive: true);
        }
    }

    private void Adopt(Container container, ISupervisor supervisor)
    {
        container.Connect(supervisor);
        container.Frozen = container.Current.State is Paused;
        container.BeginRun(parts.Time, ExitWatcher.StartOf(container.Current.State));
        container.Update(c => c with
        {
            State = c.State switch
            {
                Paused paused => paused with { Pid = supervisor.InitPid },
                Stopping stopping => stopping with { Pid = supervisor.InitPid },
                Running running => running with { Pid = supervisor.InitPid },
                // Started, and the daemon died before it could write that down.
                _ => new Running(supervisor.InitPid, parts.Time.GetUtcNow()),
            },
        });
    }

    // What was done but not written down when the daemon died is undone or written down.
    private async Task AgreeAsync(Container container, ISupervisor supervisor, CancellationToken ct)
    {
        try
        {
            if (container.Current.State is Paused { Passing: true } passing)
            {
                await supervisor.ResumeAsync(ct);
                container.Frozen = false;
                parts.Save(container.Move(new Running(passing.Pid, passing.StartedAt)), durable: false);
            }
            else if (container.Current.State is Paused)
            {
                await supervisor.PauseAsync(ct);
            }

            if (container.Current.ChangingLimits is { } limits)
            {
                await supervisor.UpdateAsync(SpecResources.Limits(limits, BlockDevices.Find(limits)), ct);
                parts.Save(container.Update(c => c with { ChangingLimits = null }), durable: true);
            }

            await _networks.AgreeAsync(container, ct);
        }
        catch (Exception failure) when (Translate.Known(failure) is not null || failure is EngineException || DiskRefusal.Is(failure))
        {
            parts.Notices(new EngineNotice(NoticeLevel.Error, $"cannot bring container {container.Short} back to what its record says: {failure.Message}", failure));
        }
    }

    private void Follow(Container container, ISupervisor supervisor)
    {
        watcher.Watch(container, supervisor);
        if (container.Current.State is Stopping { Deadline: { } deadline } stopping)
            watcher.Own(FinishStopAsync(container, deadline, stopping.Patience));
    }

    // The clock may have been set back since: never longer than was asked for.
    private async Task FinishStopAsync(Container container, DateTimeOffset deadline, TimeSpan? patience)
    {
        var left = deadline - parts.Time.GetUtcNow();
        if (left > patience)
            left = patience.Value;
        container.IsRestarting = container.Current.IsRestarting;
        var seconds = left <= TimeSpan.Zero ? 0 : (int)Math.Ceiling(left.TotalSeconds);
        await stop.RunAsync(container, seconds, null, CancellationToken.None, byUser: !container.Current.EndsUnhealthy);
    }

    // No process any more. Null: there was none to miss.
    private ExitStatus? Settle(Container container)
    {
        var state = parts.StateDirectory(container.Id);
        var last = Directory.Exists(state) ? parts.Supervisors.ReadExit(state) : null;
        if (!container.Current.IsRunning)
        {
            if (Directory.Exists(state))
                Directory.Delete(state, recursive: true);
            return null;
        }

        return last ?? new ExitStatus
        {
            ExitCode = LostCode,
            FinishedAt = parts.Time.GetUtcNow(),
            Error = "the container ended while no daemon ran, and its supervisor left no word: the machine was probably restarted",
        };
    }
}
