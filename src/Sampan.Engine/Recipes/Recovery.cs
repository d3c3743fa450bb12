using Sampan.Engine.Containers;
using Sampan.Engine.Supervision;
using static Sampan.Engine.Containers.ContainerState;

namespace Sampan.Engine.Recipes;

/// <summary>
/// What a daemon does when it starts, whatever happened to the one before:
/// (1) read every record; half-made and half-removed ones go with their snapshots
/// (2) find each container's supervisor: one that runs is adopted, one that waited for a start that never came is ended
/// (3) read the last word of those that ended meanwhile
/// (4) tell the network who lives
/// (5) do what follows the exits: events, <c>--rm</c>
/// (6) let the restart policies decide.
/// </summary>
internal sealed class Recovery(EngineParts parts, ExitWatcher watcher, RemoveRecipe remove, StopRecipe stop)
{
    private const int LostCode = 255;

    /// <summary>Does it.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        // (1)
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
            if (supervisor is { Started: true })
                Adopt(container, supervisor);
            else if (Settle(container) is { } status)
                ended.Add((container, status));
        }

        // (4)
        await Translate.RunAsync(() => parts.Network.AdoptAsync([.. living.Where(c => c.Current.IsRunning && c.Supervisor is not null).Select(c => c.Id)], ct));
        foreach (var (container, supervisor) in found)
        {
            if (supervisor is { Started: true })
                Follow(container, supervisor);
        }

        // (5)
        foreach (var (container, status) in ended)
            await watcher.HandleAsync(container, null, status);

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
        container.Update(c => c with { State = new Dead("a removal was interrupted") });
        try
        {
            await remove.RunAsync(container, new RemoveOptions());
        }
        catch (EngineException failure)
        {
            parts.Notices(new EngineNotice(NoticeLevel.Warning, failure.Message, failure));
        }
    }

    // A create or a removal that a crash interrupted leaves a snapshot whose container has no record.
    private void DropOrphanSnapshots()
    {
        foreach (var key in parts.Snapshots.Keys.Where(k => !parts.Registry.TryFind(ImageMounts.OwnerOf(k), out _)))
            parts.Snapshots.Remove(key);
    }

    private async Task<ISupervisor?> FindAsync(string id, CancellationToken ct)
    {
        var state = parts.StateDirectory(id);
        if (!Directory.Exists(state))
            return null;
        var supervisor = await parts.Supervisors.ConnectAsync(state, ct);
        if (supervisor is null or { Started: true })
            return supervisor;
        await EndAsync(supervisor);
        return null;
    }

    private static async Task EndAsync(ISupervisor supervisor)
    {
        await using (supervisor)
        {
            if (!supervisor.Exited.IsCompleted)
                await supervisor.SignalAsync(SignalName.Kill, all: true, CancellationToken.None);
            await supervisor.Exited;
        }
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
                await EndAsync(supervisor);
            Directory.Delete(state, recursive: true);
        }
    }

    private void Adopt(Container container, ISupervisor supervisor)
    {
        container.Connect(supervisor);
        container.Frozen = container.Current.State is Paused;
        container.Update(c => c with
        {
            State = c.State switch
            {
                Paused paused => paused with { Pid = supervisor.InitPid },
                Stopping stopping => new Stopping(supervisor.InitPid, stopping.StartedAt, stopping.Deadline),
                Running running => running with { Pid = supervisor.InitPid },
                // Started, and the daemon died before it could write that down.
                _ => new Running(supervisor.InitPid, parts.Time.GetUtcNow()),
            },
        });
    }

    private void Follow(Container container, ISupervisor supervisor)
    {
        watcher.Watch(container, supervisor);
        if (container.Current.State is Stopping { Deadline: { } deadline })
            watcher.Own(FinishStopAsync(container, deadline));
    }

    private async Task FinishStopAsync(Container container, DateTimeOffset deadline)
    {
        var left = deadline - parts.Time.GetUtcNow();
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
