namespace Sampan.Storage.Volumes;

/// <summary>Turns at names: who has one is alone with its name, other names do not wait for it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class NameTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>Waits for a turn; it ends when what is given is disposed.</summary>
    /// <param name="name">At which name.</param>
    /// <param name="ct">Gives up waiting.</param>
    internal async Task<IDisposable> TakeAsync(string name, CancellationToken ct)
    {
        Line? line;
        lock (_gate)
        {
            if (!_lines.TryGetValue(name, out line))
                _lines[name] = line = new Line(this, name);
            line.People++;
        }

        try
        {
            await line.Free.WaitAsync(ct).ConfigureAwait(false);
            return line;
        }
        catch
        {
            Leave(line);
            throw;
        }
    }

    private void Leave(Line line)
    {
        lock (_gate)
        {
            if (--line.People > 0)
                return;
            _lines.Remove(line.Name);
        }

        line.Free.Dispose();
    }

    // Only whoever has the turn disposes it.
    private sealed class Line(NameTurns turns, string name) : IDisposable
    {
        internal string Name { get; } = name;

        internal SemaphoreSlim Free { get; } = new(1, 1);

        /// <summary>Who has the turn or waits for it; guarded by the gate.</summary>
        internal int People { get; set; }

        public void Dispose()
        {
            Free.Release();
            turns.Leave(this);
        }
    }
}
