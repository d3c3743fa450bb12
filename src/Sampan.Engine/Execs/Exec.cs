using Sampan.Engine.Supervision;

namespace Sampan.Engine.Execs;

/// <summary>One exec: its present snapshot and, while it runs, the line to it.</summary>
internal sealed class Exec(ExecSnapshot snapshot)
{
    private readonly Lock _gate = new();
    private volatile ExecSnapshot _current = snapshot;
    private bool _taken;

    /// <summary>All that is known now.</summary>
    public ExecSnapshot Current => _current;

    /// <summary>The line to the process; null: not started.</summary>
    public IRunningExec? Process { get; set; }

    /// <summary>When it ended, by <see cref="TimeProvider.GetTimestamp"/>; null: it has not.</summary>
    public long? EndedAt { get; set; }

    /// <summary>Somebody has started it, or tries to.</summary>
    public bool IsTaken
    {
        get
        {
            lock (_gate)
                return _taken;
        }
    }

    /// <summary>True for the first caller only: an exec is started once.</summary>
    public bool Take()
    {
        lock (_gate)
        {
            var first = !_taken;
            _taken = true;
            return first;
        }
    }

    /// <summary>Replaces the snapshot.</summary>
    public ExecSnapshot Update(Func<ExecSnapshot, ExecSnapshot> change)
    {
        lock (_gate)
            return _current = change(_current);
    }
}
