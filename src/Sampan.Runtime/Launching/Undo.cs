namespace Sampan.Runtime.Launching;

/// <summary>
/// A stack of inverses: each step that acquires something pushes how to give it back. <see cref="Release"/> after success; else disposal runs
/// them backwards, all of them, whatever fails on the way.
/// </summary>
internal sealed class Undo : IDisposable
{
    private readonly Stack<Action> _inverses = new();

    /// <summary>Adds the inverse of what was just done.</summary>
    internal void Push(Action inverse) => _inverses.Push(inverse);

    /// <summary>Everything succeeded: nothing is undone.</summary>
    internal void Release() => _inverses.Clear();

    public void Dispose()
    {
        List<Exception>? failures = null;
        while (_inverses.TryPop(out var inverse))
        {
            try
            {
                inverse();
            }
            catch (Exception failure) when (failure is Linux.LinuxException or RuntimeException)
            {
                (failures ??= []).Add(failure);
            }
        }
        if (failures is not null)
            throw new RuntimeException("clean up", "clean-up failed too: " + string.Join("; ", failures.Select(one => one.Message)), new AggregateException(failures));
    }
}
