namespace Sampan.Network;

/// <summary>The inverses of the steps done so far, run backwards unless released; one that fails does not stop the others.</summary>
internal sealed class Undo : IDisposable
{
    private readonly Stack<Action> _inverses = new();

    internal void Push(Action inverse) => _inverses.Push(inverse);

    /// <summary>All went well: nothing is to be undone.</summary>
    internal void Release() => _inverses.Clear();

    /// <summary>Runs the inverses; the failures are returned for whoever reports the first error.</summary>
    internal IReadOnlyList<Exception> Run()
    {
        List<Exception> failures = [];
        while (_inverses.TryPop(out var inverse))
        {
            try
            {
                inverse();
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }
        }

        return failures;
    }

    /// <summary>Runs what was not released.</summary>
    /// <exception cref="AggregateException">What could not be undone.</exception>
    public void Dispose()
    {
        var failures = Run();
        if (failures.Count > 0)
            throw new AggregateException("could not undo everything", failures);
    }
}
