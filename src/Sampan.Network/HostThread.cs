using System.Collections.Concurrent;
using Sampan.Linux.Processes;

namespace Sampan.Network;

/// <summary>
/// The one thread on which the service works: it alone may change its network namespace, and being alone it needs no locks
/// for addresses, ports and records. It owns itself from construction to <see cref="DisposeAsync"/>.
/// </summary>
internal sealed class HostThread : IAsyncDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal HostThread() => OwnThread.Start("network", Run);

    /// <summary>Has the thread do something; the failure, if any, is the task's.</summary>
    internal Task<T> InvokeAsync<T>(Func<T> act)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(act());
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        });
        return done.Task;
    }

    /// <inheritdoc cref="InvokeAsync{T}"/>
    internal Task InvokeAsync(Action act) => InvokeAsync(() =>
    {
        act();
        return true;
    });

    /// <summary>Has the thread do something that reports its own failures.</summary>
    internal void Post(Action act) => _work.Add(act);

    /// <summary>As <see cref="Post"/>, but nothing happens if the thread is ending.</summary>
    internal void TryPost(Action act)
    {
        try
        {
            _work.Add(act);
        }
        catch (InvalidOperationException) when (_work.IsAddingCompleted)
        {
            // A timer fired while the service was disposed of.
        }
    }

    /// <summary>Does what was asked before, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _work.CompleteAdding();
        await _ended.Task.ConfigureAwait(false);
        _work.Dispose();
    }

    private void Run()
    {
        foreach (var act in _work.GetConsumingEnumerable())
            act();
        _ended.SetResult();
    }
}
