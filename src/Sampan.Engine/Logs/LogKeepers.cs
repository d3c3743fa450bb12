using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Logs.Drivers;

namespace Sampan.Engine.Logs;

/// <summary>
/// What the daemon does for logs while their containers run, and until all is done when they have ended: it compresses rotated files, and sends
/// entries to remote drivers. Without a daemon logs are written and rotated all the same.
/// </summary>
internal sealed class LogKeepers : IAsyncDisposable
{
    private readonly EngineParts _parts;
    private readonly CancellationTokenSource _closing = new();
    private readonly OwnedTasks _loops = new();
    private readonly Lock _gate = new();
    private readonly HashSet<(string Id, bool Ships)> _busy = [];

    /// <summary>Follows the containers of a registry from now on.</summary>
    public LogKeepers(EngineParts parts)
    {
        _parts = parts;
        parts.Registry.Moved += container =>
        {
            if (container.Current.State is ContainerState.Running)
                Keep(container);
        };
    }

    /// <summary>Does what is left to do for a container, running or not.</summary>
    public void Keep(Container container)
    {
        var now = container.Current;
        if (now.LogPath is not { } path)
            return;
        if (LogDrivers.IsRemote(LogDrivers.NameOf(now.Spec.Log)))
            Begin(container, ships: true, (growth, ct) => new LogShipper(_parts, container, path).RunAsync(growth, ct));
        if (LogPlan.From(now.Spec.Log) is { Compress: true, MaxBytes: > 0 } plan)
            Begin(container, ships: false, (growth, ct) => LogCompression.FollowAsync(path, plan.MaxBytes, growth, Refused, ct));
    }

    private void Refused(IOException failure) =>
        _parts.Notices(new EngineNotice(NoticeLevel.Warning, $"cannot compress a log, it stays as it is: {failure.Message}", failure));

    /// <summary>Ends the loops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _loops.WhenAll();
        _closing.Dispose();
    }

    private void Begin(Container container, bool ships, Func<LogGrowth?, CancellationToken, Task> work)
    {
        lock (_gate)
        {
            if (_closing.IsCancellationRequested || !_busy.Add((container.Id, ships)))
                return;
        }

        _loops.Own(KeepAsync(container, ships, work));
    }

    private async Task KeepAsync(Container container, bool ships, Func<LogGrowth?, CancellationToken, Task> work)
    {
        // Whoever moved the container goes on.
        await Task.Yield();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, container.Gone);
        try
        {
            do
            {
                var supervisor = container.Supervisor;
                await work(supervisor is null ? null : ContainerOperations.Growth(container), ending.Token);
                // A log may end before we are told of the exit. To ask again until then would take the threads that are to tell us.
                if (supervisor is not null)
                    await supervisor.Exited.WaitAsync(ending.Token);
            }
            while (!Done(container, ships));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Forget(container, ships);
        }
        catch (Exception failure)
        {
            Forget(container, ships);
            _parts.Notices(new EngineNotice(NoticeLevel.Error, $"the log of container {container.Short} is no longer {(ships ? "sent" : "compressed")}: {failure.Message}", failure));
        }
    }

    // It may have been started again while the rest was sent; the loop that would be begun for that has found this one busy.
    private bool Done(Container container, bool ships)
    {
        lock (_gate)
        {
            if (container.Supervisor is { Exited.IsCompleted: false })
                return false;
            _busy.Remove((container.Id, ships));
            return true;
        }
    }

    private void Forget(Container container, bool ships)
    {
        lock (_gate)
            _busy.Remove((container.Id, ships));
    }
}
