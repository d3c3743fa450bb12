using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Processes;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Execs;
using Sampan.Engine.Services;
using Sampan.Runtime.Observation;
using Sampan.Storage;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Recipes;

/// <summary>
/// Removes a container:
/// (1) a planned restart is called off; with force, what runs is killed; the record says first what for, so that a daemon that finds it goes on
/// (2) enter the gate; move to Removing
/// (3) anonymous volumes go, if asked; the record says so first, so that a daemon that finds it goes on
/// (4) the record and the files go, in one rename: a crash before it leaves the container, a crash after it what the next daemon finds without an owner
/// (5) the snapshot goes
/// (6) the name is free, and the address of a service that it was the last one of; waiters wake; publish.
/// There is no way back after 2: a step that fails leaves the container Dead, to be removed again.
/// </summary>
internal sealed class RemoveRecipe(EngineParts parts, StopRecipe stop, ExecTable execs, Readiness readiness)
{
    /// <summary>Called when a person removes a container: what the policy planned is void.</summary>
    public required Action<Container> CancelRestart { private get; init; }

    /// <summary>Does it.</summary>
    public async Task RunAsync(Container container, RemoveOptions options)
    {
        if (!options.Force && container.Current is { RestartsAt: not null, Name: var name })
            throw EngineException.Conflict($"cannot remove container \"{name}\": container is restarting: stop the container before removing or force remove");

        // (1)
        CancelRestart(container);
        await EndAsync(container, options);

        // (2)
        await container.Gate.WaitAsync(CancellationToken.None);
        try
        {
            var before = container.Current;
            if (container.Removed.IsCompleted)
                throw EngineException.NotFound($"No such container: {before.Id}");
            if (before.State is Removing)
                throw EngineException.Conflict($"removal of container {before.Name} is already in progress");
            if (before.IsRunning)
                throw EngineException.Conflict($"cannot remove container \"{before.Name}\": container is {(before.State is Paused ? "paused: unpause and then" : "running:")} stop the container before removing or force remove");
            var volumes = options.Volumes || before.Spec.AutoRemove;
            var doomed = container.Move(new Removing { Volumes = volumes });
            try
            {
                await EraseAsync(container, doomed, volumes);
            }
            catch (Exception failure)
            {
                var known = Translate.Known(failure);
                var message = $"cannot remove container '{before.Name}': {(known ?? failure).Message}";
                container.Move(new Dead(message));
                throw new EngineException(known?.Kind ?? ErrorKind.Internal, message, failure);
            }

            // (6)
            parts.Registry.Remove(container);
            await readiness.ForgetAsync(before);
            container.AnnounceRemoval(before.LastExit ?? new ExitStatus { ExitCode = 0, FinishedAt = parts.Time.GetUtcNow() });
            parts.Publish(before, "destroy");
        }
        finally
        {
            container.HoldAfterExit = false;
            container.Gate.Release();
        }
    }

    private async Task EndAsync(Container container, RemoveOptions options)
    {
        if (!options.Force)
            return;
        container.HoldAfterExit = true;
        try
        {
            while (container.Current.State is Starting || container.Current.IsRunning)
            {
                var exit = container.NextExit;
                if (!await DoomAsync(container, options))
                    continue;
                DaemonFailPoint.Reach("remove.doom-stored");
                await stop.KillAsync(container, SignalName.Kill);
                await exit;
            }
        }
        catch
        {
            container.HoldAfterExit = false;
            if (!container.Removed.IsCompleted)
                parts.TrySave(container.Update(c => c with { Removal = null }), "a daemon that is started now removes it");
            throw;
        }
    }

    // False: it does not run. A start on its way ends first: the gate is its.
    private async Task<bool> DoomAsync(Container container, RemoveOptions options)
    {
        await container.Gate.WaitAsync(CancellationToken.None);
        try
        {
            if (!container.Current.IsRunning)
                return false;
            parts.Save(container.Update(c => c with { Removal = options }), durable: false);
            return true;
        }
        catch (Exception full) when (DiskRefusal.IsWantOfRoom(full))
        {
            // To remove it makes room. A daemon that dies in between leaves it to be removed once more.
            return true;
        }
        finally
        {
            container.Gate.Release();
        }
    }

    // (3) to (5); each step may have been done by an earlier attempt.
    private async Task EraseAsync(Container container, ContainerSnapshot doomed, bool volumes)
    {
        execs.Forget(container.Id);
        List<string> going = volumes ? [.. doomed.Mounts.Where(m => m.Anonymous).Select(m => m.VolumeName).OfType<string>()] : [];
        if (going.Count > 0)
            parts.TrySave(doomed, "a daemon that is started now finds it without the volumes that went first");
        DaemonFailPoint.Reach("remove.record-marked");
        foreach (var name in going.Where(name => parts.Volumes.Find(name) is not null && !UsedByAnother(container, name)))
        {
            await Translate.RunAsync(() => parts.Volumes.RemoveAsync(name, force: false, _ => null, CancellationToken.None));
            parts.Events.Publish("volume", "destroy", name, new Dictionary<string, string> { ["driver"] = "local" });
        }

        DaemonFailPoint.Reach("remove.volumes-removed");
        parts.Records.Remove(container.Id);
        DaemonFailPoint.Reach("remove.record-removed");
        parts.Snapshots.Remove(container.Id);
        ImageMounts.Remove(parts, doomed);
        // It is there still if the exit could not be written down.
        if (parts.StateDirectory(container.Id) is var state && Directory.Exists(state))
            parts.Removed.Remove(state);
        DaemonFailPoint.Reach("remove.snapshot-removed");
    }

    private bool UsedByAnother(Container container, string volume) =>
        parts.Registry.All.Any(c => c.Id != container.Id && c.Current.Mounts.Any(m => m.VolumeName == volume));
}
