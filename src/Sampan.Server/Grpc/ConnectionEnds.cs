namespace Sampan.Server.Grpc;

/// <summary>What is done when a connection is over, the last first. Thread-safe.</summary>
internal sealed class ConnectionEnds : IDisposable
{
    // Guards the list, and is null when the connection is over.
    private readonly Lock _gate = new();
    private Stack<Action>? _ends = new();

    /// <summary>Adds something, which must not throw; it is done at once if the connection is over.</summary>
    internal void Add(Action end)
    {
        lock (_gate)
        {
            if (_ends is not null)
            {
                _ends.Push(end);
                return;
            }
        }
        end();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stack<Action> ends;
        lock (_gate)
        {
            ends = _ends ?? [];
            _ends = null;
        }
        while (ends.TryPop(out var end))
            end();
    }
}
