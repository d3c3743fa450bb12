using Sampan.Engine.Containers.Processes;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Execs;
using Sampan.Engine.Recipes;
using Sampan.Engine.Supervision;
using Sampan.Runtime.Observation;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Containers;

/// <summary>
/// Everything that can be done to containers. Containers are named by id, name or the beginning of an id; every method throws
/// <see cref="EngineException"/> with <see cref="ErrorKind.NotFound"/> when there is none. Thread-safe.
/// </summary>
public sealed partial class ContainerOperations
{
    private readonly EngineParts _parts;
    private readonly CreateRecipe _create;
    private readonly StartRecipe _start;
    private readonly StopRecipe _stop;
    private readonly RemoveRecipe _remove;
    private readonly ExitWatcher _watcher;
    private readonly ExecTable _execs;

    internal ContainerOperations(EngineParts parts, CreateRecipe create, StartRecipe start, StopRecipe stop, RemoveRecipe remove, ExitWatcher watcher, ExecTable execs)
    {
        _parts = parts;
        _create = create;
        _start = start;
        _stop = stop;
        _remove = remove;
        _watcher = watcher;
        _execs = execs;
    }

    /// <summary>Creates a container; nothing runs yet.</summary>
    /// <param name="spec">The wish.</param>
    /// <param name="name">Null: a generated one.</param>
    /// <param name="ct">Heeded until the record is stored.</param>
    /// <exception cref="EngineException">
    /// <see cref="ErrorKind.InvalidArgument"/> with every problem of the wish; <see cref="ErrorKind.NotSupported"/> naming what this engine does not do;
    /// <see cref="ErrorKind.NotFound"/> for the image or network; <see cref="ErrorKind.Conflict"/> when the name is taken.
    /// </exception>
    public Task<ContainerCreated> CreateAsync(ContainerSpec spec, string? name, CancellationToken ct) => _create.RunAsync(spec, name, ct);

    /// <summary>Starts a container.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="ct">Heeded until the container is made.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/> when the program cannot be executed; <see cref="ErrorKind.Conflict"/> when paused or being removed.</exception>
    public async Task<StartOutcome> StartAsync(string idOrName, CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        _watcher.CancelRestart(container);
        try
        {
            return await _start.RunAsync(container, byPolicy: false, ct);
        }
        catch (EngineException) when (container.Current is { Spec.AutoRemove: true, IsRunning: false, State: not Removing })
        {
            await _remove.RunAsync(container, new RemoveOptions { Volumes = true });
            throw;
        }
    }

    /// <summary>Asks a container to end, and kills it when it does not in time.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="timeoutSeconds">Null: the container's, else the engine's; -1: for ever.</param>
    /// <param name="signal">Null: the container's, else SIGTERM.</param>
    /// <param name="ct">Heeded only when it would wait for ever.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: no such signal.</exception>
    public Task<StopOutcome> StopAsync(string idOrName, int? timeoutSeconds, string? signal, CancellationToken ct) =>
        _stop.RunAsync(_parts.Registry.Get(idOrName), timeoutSeconds, signal, ct);

    /// <summary>Sends a signal; after SIGKILL it waits for the end.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="signal">A name or number; null: SIGKILL.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: it neither runs nor is about to. <see cref="ErrorKind.InvalidArgument"/>: no such signal.</exception>
    public async Task KillAsync(string idOrName, string? signal, CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        var number = SignalName.Parse(string.IsNullOrEmpty(signal) ? "SIGKILL" : signal);
        var exit = container.NextExit;
        var now = container.Current;
        if (now is { IsRunning: false, RestartsAt: null })
            throw EngineException.Conflict($"cannot kill container: {idOrName}: container {container.Id} is not running");

        // A person ends it, or asks it to end in its own way: the restart policy does not bring it back.
        var stops = number == SignalName.Kill || number == SignalName.Parse(now.Spec.StopSignal ?? "SIGTERM");
        if (!now.IsRunning)
        {
            // Between two runs nobody gets the signal; that it was wanted is enough.
            if (stops)
                await _stop.RunAsync(container, 0, null, ct);
            return;
        }

        if (stops)
            container.Update(c => c with { StoppedByUser = true });
        await _stop.KillAsync(container, number);
        if (number == SignalName.Kill)
            await exit.WaitAsync(ct);
    }

    /// <summary>Stops and starts.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="timeoutSeconds">As for <see cref="StopAsync"/>.</param>
    /// <param name="signal">As for <see cref="StopAsync"/>.</param>
    /// <param name="ct">As for <see cref="StartAsync"/>.</param>
    public async Task RestartAsync(string idOrName, int? timeoutSeconds, string? signal, CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        container.HoldAfterExit = true;
        container.IsRestarting = true;
        try
        {
            await _stop.RunAsync(container, timeoutSeconds, signal, ct);
            // The gate is free when what follows the exit is done.
            await _start.RunAsync(container, byPolicy: false, CancellationToken.None);
        }
        finally
        {
            container.HoldAfterExit = false;
            container.IsRestarting = false;
        }

        _parts.Publish(container.Current, "restart");
    }

    /// <summary>Freezes every process.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="ct">Heeded until it is frozen.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: it does not run, or is paused already.</exception>
    public Task PauseAsync(string idOrName, CancellationToken ct) => PauseAsync(idOrName, passing: false, ct);

    /// <summary>As above.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="passing">The caller thaws it again, and the next daemon does if the caller's daemon dies.</param>
    /// <param name="ct">As above.</param>
    internal async Task PauseAsync(string idOrName, bool passing, CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        await container.Gate.WaitAsync(ct);
        try
        {
            if (container.Current.State is Paused)
                throw EngineException.Conflict($"Container {container.Id} is already paused");
            if (container.Current.State is not Running running || container.Supervisor is not { } supervisor)
                throw Ending.NotRunning(container);
            await FreezeAsync(container, supervisor, running, new Paused(running.Pid, running.StartedAt) { Passing = passing }, ct);
            _parts.Publish(container.Current, "pause");
        }
        finally
        {
            container.Gate.Release();
        }
    }

    // The record first: it decides when a new daemon finds the one but not the other.
    private async Task FreezeAsync(Container container, ISupervisor supervisor, Running before, Paused paused, CancellationToken ct)
    {
        _parts.Save(container.Current with { State = paused }, durable: false);
        DaemonFailPoint.Reach("pause.record-stored");
        try
        {
            await Ending.AskAsync(container, supervisor, s => s.PauseAsync(ct));
        }
        catch
        {
            _parts.Save(container.Current with { State = before }, durable: false);
            throw;
        }

        container.Frozen = true;
        container.Move(paused);
    }

    /// <summary>Thaws every process.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="ct">Heeded until it is thawed.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: it is not paused.</exception>
    public async Task UnpauseAsync(string idOrName, CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        await container.Gate.WaitAsync(ct);
        try
        {
            if (container.Current.State is not Paused paused || container.Supervisor is not { } supervisor)
                throw EngineException.Conflict($"Container {container.Id} is not paused");
            await Ending.AskAsync(container, supervisor, s => s.ResumeAsync(ct));
            container.Frozen = false;
            DaemonFailPoint.Reach("unpause.thawed");
            _parts.Save(container.Move(new Running(paused.Pid, paused.StartedAt)), durable: false);
            _parts.Publish(container.Current, "unpause");
        }
        finally
        {
            container.Gate.Release();
        }
    }

    /// <summary>Removes a container.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="options">How.</param>
    /// <param name="ct">Heeded before anything is done.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: it runs and force was not given, or somebody else removes it.</exception>
    public Task RemoveAsync(string idOrName, RemoveOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return _remove.RunAsync(_parts.Registry.Get(idOrName), options);
    }

    /// <summary>Gives a container another name.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="newName">The new name.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: the name is taken. <see cref="ErrorKind.InvalidArgument"/>: it is no name.</exception>
    public async Task RenameAsync(string idOrName, string newName)
    {
        var container = _parts.Registry.Get(idOrName);
        if (newName.Length == 0)
            throw EngineException.Invalid("Neither old nor new names may be empty");
        var bare = ContainerName.Check(newName);
        await container.Gate.WaitAsync(CancellationToken.None);
        try
        {
            var old = container.Current.Name;
            if (bare == old)
                throw EngineException.Invalid("Renaming a container with the same name as its current name");
            if (container.Current.State is Removing or Dead)
                throw EngineException.Conflict($"Container {container.Id} is marked for removal and cannot be renamed");
            await using var undo = _parts.NewUndo("rename");
            _parts.Registry.Reserve(bare, container.Id);
            undo.Push("reserve name", () => _parts.Registry.Release(bare));
            DaemonFailPoint.Reach("rename.name-reserved");
            _parts.Save(container.Current with { Name = bare }, durable: true);
            DaemonFailPoint.Reach("rename.record-stored");
            undo.Release();
            container.Update(c => c with { Name = bare });
            _parts.Registry.Release(old);
            await Translate.RunAsync(() => _parts.Network.RenameAsync(container.Id, bare, CancellationToken.None));
            _parts.Publish(container.Current, "rename", ("oldName", "/" + old));
        }
        finally
        {
            container.Gate.Release();
        }
    }

    /// <summary>Waits. The waiting begins when the method is called, not when its task is awaited.</summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="condition">For what.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>How the container ended; exit code 0 if it never ran.</returns>
    public Task<ExitStatus> WaitAsync(string idOrName, WaitCondition condition, CancellationToken ct)
    {
        var container = _parts.Registry.Get(idOrName);
        var next = container.NextExit;
        var now = container.Current;
        return condition switch
        {
            WaitCondition.Removed => container.Removed.WaitAsync(ct),
            WaitCondition.NextExit => next.WaitAsync(ct),
            _ when now.IsRunning || now.State is Starting || now.RestartsAt is not null => next.WaitAsync(ct),
            _ => Task.FromResult(LastStatus(now)),
        };
    }

    private static ExitStatus LastStatus(ContainerSnapshot container) => container.State switch
    {
        Exited exited => exited.Status,
        Created { Failure: { } failure } => new ExitStatus { ExitCode = failure.ExitCode, FinishedAt = container.Created, Error = failure.Message },
        _ => container.LastExit ?? new ExitStatus { ExitCode = 0, FinishedAt = container.Created },
    };
}
