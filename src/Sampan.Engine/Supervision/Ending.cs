using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Processes;
using Sampan.Runtime;

namespace Sampan.Engine.Supervision;

/// <summary>
/// A container may end while its supervisor is being asked: the line breaks then, often before the engine is told of the
/// exit. Who asked learns that the container does not run, which is what there is to know, and not how the line broke.
/// </summary>
internal static class Ending
{
    /// <summary>Asks a supervisor for something that only a running container can do.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: it has ended; else what the supervisor refused.</exception>
    public static async Task AskAsync(Container container, ISupervisor supervisor, Func<ISupervisor, Task> ask)
    {
        try
        {
            await Translate.RunAsync(() => ask(supervisor));
        }
        catch (EngineException failed) when (IsEnd(supervisor, failed.InnerException))
        {
            // The exit follows, and with it the state that others see.
            await supervisor.Exited;
            throw NotRunning(container, failed);
        }
    }

    /// <summary>Kills what runs, if anything does, waits for its end, and lets go of its supervisor. Not to be given up: nobody else would end it.</summary>
    /// <exception cref="RuntimeException">The signal was refused.</exception>
    public static async Task KillAsync(ISupervisor supervisor)
    {
        await using (supervisor)
        {
            try
            {
                if (!supervisor.Exited.IsCompleted)
                    await supervisor.SignalAsync(SignalName.Kill, all: true, CancellationToken.None);
            }
            catch (RuntimeException ended) when (IsEnd(supervisor, ended))
            {
                // By itself, just before.
            }
            await supervisor.Exited;
        }
    }

    /// <summary>Whether a failure means that the container has ended.</summary>
    public static bool IsEnd(ISupervisor supervisor, Exception? failure) =>
        failure is RuntimeException { Step: "control" } || (failure is RuntimeException && supervisor.Exited.IsCompleted);

    /// <summary>What Docker says of a container that has ended, and of one that will run again by itself.</summary>
    public static EngineException NotRunning(Container container, Exception? cause = null) =>
        new(ErrorKind.Conflict, container.Current.RestartsAt is null ? $"container {container.Id} is not running" : $"Container {container.Id} is restarting, wait until the container is running", cause);
}
