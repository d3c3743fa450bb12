using System.Collections.Concurrent;

namespace Sampan.Engine.Execs;

/// <summary>The execs of all containers. Ended ones are kept for a while, so that a client can ask for the exit code.</summary>
internal sealed class ExecTable(TimeProvider time)
{
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Exec> _all = new();

    /// <summary>Enters one, and forgets those that ended long ago.</summary>
    public void Add(Exec exec)
    {
        foreach (var (id, one) in _all)
        {
            if (one.EndedAt is { } end && time.GetElapsedTime(end) > Keep)
                _all.TryRemove(id, out _);
        }

        _all[exec.Current.Id] = exec;
    }

    /// <summary>Forgets one.</summary>
    public void Remove(string id) => _all.TryRemove(id, out _);

    /// <summary>Finds one by its whole id.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>.</exception>
    public Exec Get(string id) => _all.TryGetValue(id, out var exec) ? exec : throw EngineException.NotFound($"No such exec instance: {id}");

    /// <summary>The ids of a container's execs that have not ended.</summary>
    public IReadOnlyList<string> Of(string containerId) =>
        [.. _all.Values.Where(e => e.Current.ContainerId == containerId && e.EndedAt is null).Select(e => e.Current.Id)];

    /// <summary>A container goes.</summary>
    public void Forget(string containerId)
    {
        foreach (var (id, one) in _all)
        {
            if (one.Current.ContainerId == containerId)
                _all.TryRemove(id, out _);
        }
    }
}
