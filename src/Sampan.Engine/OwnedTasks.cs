using System.Collections.Concurrent;

namespace Sampan.Engine;

/// <summary>Work that nobody waits for at once, kept by its owner until it is over, so that the owner's end can wait for it.</summary>
public sealed class OwnedTasks
{
    private readonly ConcurrentDictionary<Task, byte> _tasks = new();

    /// <summary>How many are not over yet.</summary>
    public int Count => _tasks.Count;

    /// <summary>Keeps a task until it is over.</summary>
    public void Own(Task task)
    {
        _tasks[task] = 0;
        // Whatever becomes of it: it is forgotten at its end alone.
        _ = task.ContinueWith(done => _tasks.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits for those that are kept now; fails as they do.</summary>
    public Task WhenAll() => Task.WhenAll(_tasks.Keys);
}
