using Sampan.Engine.Containers.Processes;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers;
using Sampan.Engine.Services;
using Sampan.Engine.Supervision;
using Sampan.Runtime.Observation;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Recipes;

/// <summary>
/// Stops a container:
/// (1) a planned restart is called off; one of a service drains
/// (2) enter the gate; move to Stopping; send the stop signal; leave the gate
/// (3) wait for the exit until the deadline
/// (4) SIGKILL to all, wait for the exit
/// (5) publish.
/// </summary>
internal sealed class StopRecipe(EngineParts parts, ExitWatcher watcher, Readiness readiness)
{
    /// <summary>Does it.</summary>
    /// <param name="container">Which.</param>
    /// <param name="timeoutSeconds">Null: as the container or the engine says; -1: for ever.</param>
    /// <param name="signal">Null: as the container says, else SIGTERM.</param>
    /// <param name="ct">Heeded only by a stop that would wait for ever: otherwise the kill comes, whoever waits.</param>
    /// <param name="byUser">A person wants it: restart policies leave the container alone. False: it is to be started again.</param>
    public async Task<StopOutcome> RunAsync(Container container, int? timeoutSeconds, string? signal, CancellationToken ct, bool byUser = true)
    {
        var spec = container.Current.Spec;
        var number = SignalName.Parse(signal ?? spec.StopSignal ?? "SIGTERM");
        var seconds = timeoutSeconds ?? spec.StopTimeout ?? (int)parts.Options.StopTimeout.TotalSeconds;
        TimeSpan? patience = seconds < 0 ? null : TimeSpan.FromSeconds(seconds);

        // (1)
        if (byUser)
            watcher.CancelRestart(container);
        await readiness.DrainAsync(container);
        try
        {
            return await EndAsync(container, number, patience, byUser, ct);
        }
        finally
        {
            readiness.EndDrain(container);
        }
    }

    // (2) to (5)
    private async Task<StopOutcome> EndAsync(Container container, int number, TimeSpan? patience, bool byUser, CancellationToken ct)
    {
        // (2)
        var exit = await AskAsync(container, number, patience, byUser, ct);
        if (exit is null)
            return StopOutcome.AlreadyStopped;

        // (3)
        try
        {
            await exit.WaitAsync(patience ?? Timeout.InfiniteTimeSpan, parts.Time, patience is null ? ct : CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // (4)
            await KillAsync(container, SignalName.Kill);
            await exit;
        }
        catch (OperationCanceledException)
        {
            await GiveUpAsync(container);
            throw new EngineException(ErrorKind.Cancelled, $"stopping container '{container.Current.Name}' was given up: it still runs");
        }

        // (5)
        parts.Publish(container.Current, "stop");
        return StopOutcome.Stopped;
    }

    /// <summary>Sends a signal to what runs; a frozen container is thawed, or the signal would never arrive.</summary>
    public async Task KillAsync(Container container, int signal)
    {
        if (container.Supervisor is not { } supervisor)
            return;
        try
        {
            await Translate.RunAsync(() => supervisor.SignalAsync(signal, all: signal == SignalName.Kill, CancellationToken.None));
            if (container.Frozen)
            {
                await Translate.RunAsync(() => supervisor.ResumeAsync(CancellationToken.None));
                container.Frozen = false;
            }

            parts.Publish(container.Current, "kill", ("signal", signal.ToString()));
        }
        catch (EngineException gone) when (Ending.IsEnd(supervisor, gone.InnerException))
        {
            // It ended by itself just before: the wish is fulfilled. The line can break before we are told of the exit, which follows.
            await supervisor.Exited;
        }
    }

    private async Task<Task<ExitStatus>?> AskAsync(Container container, int signal, TimeSpan? patience, bool byUser, CancellationToken ct)
    {
        await container.Gate.WaitAsync(ct);
        try
        {
            var state = container.Current.State;
            var exit = container.NextExit;
            // Its record is gone, or going: it must not come back.
            if (state is Removing or Dead)
                return null;
            // Somebody was faster: it has been stopped, or started anew, since it was found unhealthy.
            if (!byUser && state is not (Running or Stopping))
                return null;
            container.Update(c => byUser ? c with { StoppedByUser = true, EndsUnhealthy = false, IsRestarting = container.IsRestarting } : c with { EndsUnhealthy = true });
            if (state.ProcessId is not { } pid)
            {
                parts.TrySave(container.Current, "a daemon that is started now asks its restart policy");
                return null;
            }

            DateTimeOffset? deadline = patience is { } time ? parts.Time.GetUtcNow() + time : null;
            if (state is not Stopping)
                container.Move(new Stopping(pid, StartOf(state), deadline) { Patience = patience });
            parts.TrySave(container.Current, "a daemon that is started now does not know that it is to be stopped");
            DaemonFailPoint.Reach("stop.record-stored");
            await KillAsync(container, signal);
            DaemonFailPoint.Reach("stop.signal-sent");
            return exit;
        }
        finally
        {
            container.Gate.Release();
        }
    }

    private static async Task GiveUpAsync(Container container)
    {
        await container.Gate.WaitAsync(CancellationToken.None);
        try
        {
            if (container.Current.State is Stopping stopping)
                container.Move(new Running(stopping.Pid, stopping.StartedAt));
        }
        finally
        {
            container.Gate.Release();
        }
    }

    private DateTimeOffset StartOf(ContainerState state) => state switch
    {
        Running running => running.StartedAt,
        Paused paused => paused.StartedAt,
        Stopping stopping => stopping.StartedAt,
        _ => parts.Time.GetUtcNow(),
    };
}
