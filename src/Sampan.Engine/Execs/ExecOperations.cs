using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Recipes;
using Sampan.Engine.Specs;
using Sampan.Engine.Supervision;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Execs;

/// <summary>Further processes in running containers. Thread-safe.</summary>
public sealed class ExecOperations
{
    private readonly EngineParts _parts;
    private readonly ExecTable _table;
    private readonly OwnedTasks _watching = new();

    internal ExecOperations(EngineParts parts, ExecTable table)
    {
        _parts = parts;
        _table = table;
    }

    /// <summary>Notes a wish; nothing runs yet.</summary>
    /// <param name="containerIdOrName">A running container.</param>
    /// <param name="spec">The wish.</param>
    /// <returns>The exec's id, 64 hexadecimal digits.</returns>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>, <see cref="ErrorKind.Conflict"/> when it does not run or is paused, <see cref="ErrorKind.InvalidArgument"/> without a command.</exception>
    public string Create(string containerIdOrName, ExecSpec spec)
    {
        var container = _parts.Registry.Get(containerIdOrName);
        RunningSupervisor(container);
        if (spec.Command.Count == 0)
            throw EngineException.Invalid("No exec command specified");
        if (spec.DetachKeys is { Length: > 0 } keys)
            DetachKeys.Parse(keys);
        var id = ContainerName.NewId();
        _table.Add(new Exec(new ExecSnapshot { Id = id, ContainerId = container.Id, Spec = spec }));
        Tell(container);
        DaemonFailPoint.Reach("exec.noted");
        _parts.Publish(container.Current, "exec_create: " + string.Join(' ', spec.Command), ("execID", id));
        return id;
    }

    /// <summary>Throws what <see cref="StartAsync"/> would before it tries.</summary>
    /// <param name="execId">From <see cref="Create"/>.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/> when it was started before or the container does not run.</exception>
    public void RequireStartable(string execId)
    {
        var exec = _table.Get(execId);
        RunningSupervisor(_parts.Registry.Get(exec.Current.ContainerId));
        if (exec.IsTaken)
            throw AlreadyStarted(execId);
    }

    /// <summary>Starts it.</summary>
    /// <param name="execId">From <see cref="Create"/>.</param>
    /// <param name="options">How.</param>
    /// <param name="ct">Heeded until the process runs.</param>
    /// <returns>The connection to its standard streams; null when detached.</returns>
    /// <exception cref="EngineException">
    /// <see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/> when it was started before or the container does not run;
    /// <see cref="ErrorKind.InvalidArgument"/> when the program cannot be executed: the snapshot has the exit code then.
    /// </exception>
    public async Task<ContainerStream?> StartAsync(string execId, ExecStartOptions options, CancellationToken ct)
    {
        var exec = _table.Get(execId);
        var container = _parts.Registry.Get(exec.Current.ContainerId);
        var supervisor = RunningSupervisor(container);
        if (!exec.Take())
            throw AlreadyStarted(execId);
        var spec = exec.Current.Spec with { ConsoleSize = options.ConsoleSize ?? exec.Current.Spec.ConsoleSize };
        var attached = !options.Detach;
        try
        {
            var running = await supervisor.ExecAsync(execId, Process(container.Current, spec), attached && spec.AttachStdin, attached && spec.AttachStdout, attached && spec.AttachStderr, ct);
            DaemonFailPoint.Reach("exec.program-runs");
            var watching = Note(container, exec, running, spec);
            return attached ? Connection(container, exec, running, watching) : null;
        }
        catch (Exception failure)
        {
            throw Fail(container, exec, await EndedAsync(container, supervisor, failure));
        }
    }

    /// <summary>All that is known of an exec.</summary>
    /// <param name="execId">From <see cref="Create"/>.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>.</exception>
    public ExecSnapshot Get(string execId) => _table.Get(execId).Current;

    /// <summary>Sets the terminal's size.</summary>
    /// <param name="execId">From <see cref="Create"/>.</param>
    /// <param name="size">The new size.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/> when it does not run or has no terminal.</exception>
    public async Task ResizeAsync(string execId, TerminalSize size, CancellationToken ct)
    {
        var exec = _table.Get(execId);
        if (exec.Process is not { } process || !exec.Current.Running || !exec.Current.Spec.Tty)
            throw EngineException.Conflict($"cannot resize exec {execId}: it has no terminal or does not run");
        await Translate.RunAsync(() => process.ResizeAsync(size, ct));
    }

    /// <summary>Runs a process that the engine itself wants, such as a health probe; it is forgotten when it ends.</summary>
    /// <exception cref="EngineException">It cannot be executed, or the container does not run any more.</exception>
    internal async Task<IRunningExec> BeginAsync(Container container, ExecSpec spec, CancellationToken ct)
    {
        var exec = _table.Get(Create(container.Id, spec));
        exec.Take();
        var supervisor = RunningSupervisor(container);
        try
        {
            var running = await supervisor.ExecAsync(exec.Current.Id, Process(container.Current, spec), spec.AttachStdin, spec.AttachStdout, spec.AttachStderr, ct);
            _ = Note(container, exec, running, spec);
            _ = running.Exited.ContinueWith(_ => _table.Remove(exec.Current.Id), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return running;
        }
        catch (Exception failure)
        {
            _table.Remove(exec.Current.Id);
            throw Fail(container, exec, await EndedAsync(container, supervisor, failure));
        }
    }

    private Task Note(Container container, Exec exec, IRunningExec running, ExecSpec spec)
    {
        exec.Process = running;
        exec.Update(e => e with { Running = true, Pid = running.Pid });
        Tell(container);
        _parts.Publish(container.Current, "exec_start: " + string.Join(' ', spec.Command), ("execID", exec.Current.Id));
        var watching = WatchAsync(container, exec, running);
        _watching.Own(watching);
        return watching;
    }

    internal async Task CloseAsync(CancellationToken ct)
    {
        try
        {
            await _watching.WhenAll().WaitAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Execs outlive the daemon as their containers do; nobody asks for their exit code any more.
        }
    }

    private static EngineException AlreadyStarted(string execId) => EngineException.Conflict($"exec {execId} has already been started");

    private static ISupervisor RunningSupervisor(Container container)
    {
        var now = container.Current;
        if (now.State is ContainerState.Paused)
            throw EngineException.Conflict($"Container {now.Name} is paused, unpause the container before exec");
        return now.IsRunning && container.Supervisor is { } supervisor ? supervisor : throw Ending.NotRunning(container);
    }

    private Oci.Runtime.OciProcess Process(ContainerSnapshot container, ExecSpec spec)
    {
        var who = Identity.Find(_parts, container, string.IsNullOrEmpty(spec.User) ? container.Spec.User : spec.User);
        var inputs = SpecSources.Basic(_parts, container, who);
        if (spec.Privileged)
            inputs = inputs with { Capabilities = CapabilityGrant.Decide(new SecurityWish { Privileged = true }, _parts.KnownCapabilities, _parts.GrantableCapabilities) };
        return SpecBuilder.Exec(inputs, spec);
    }

    private ContainerStream Connection(Container container, Exec exec, IRunningExec running, Task watching)
    {
        var spec = exec.Current.Spec;
        var keys = spec.AttachStdin && spec.Tty ? DetachKeys.Parse(spec.DetachKeys is { Length: > 0 } own ? own : DetachKeys.Default) : null;
        return new ContainerStream(spec.Tty, _ => Task.FromResult(running.Wire), prelude: null, keys, () => _parts.Publish(container.Current, "exec_detach", ("execID", exec.Current.Id)), watching);
    }

    private async Task WatchAsync(Container container, Exec exec, IRunningExec running)
    {
        var status = await running.Exited;
        exec.EndedAt = _parts.Time.GetTimestamp();
        exec.Update(e => e with { Running = false, ExitCode = status.ExitCode });
        Tell(container);
        _parts.Publish(container.Current, "exec_die", ("execID", exec.Current.Id), ("exitCode", status.ExitCode.ToString()));
    }

    // A program that cannot be executed is told by name; anything else that fails while the container ends is its end.
    private static async Task<Exception> EndedAsync(Container container, ISupervisor supervisor, Exception failure)
    {
        if (!Ending.IsEnd(supervisor, failure))
            return failure;
        await supervisor.Exited;
        return Ending.NotRunning(container, failure);
    }

    // Those that are made and not over, whether they run yet or not.
    private void Tell(Container container) => container.Update(c => c with { ExecIds = _table.Of(container.Id) });

    private EngineException Fail(Container container, Exec exec, Exception failure)
    {
        exec.EndedAt = _parts.Time.GetTimestamp();
        exec.Update(e => e with { Running = false, ExitCode = failure is StartRefusedException refused ? refused.ExitCode : 126 });
        Tell(container);
        return failure switch
        {
            StartRefusedException => EngineException.Invalid(failure.Message, failure),
            EngineException engine => engine,
            OperationCanceledException => new EngineException(ErrorKind.Cancelled, "the exec was cancelled before it ran", failure),
            _ => Translate.Known(failure) ?? new EngineException(ErrorKind.Internal, failure.Message, failure),
        };
    }
}
