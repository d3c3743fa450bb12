namespace Sampan.Build.Execution;

/// <summary>
/// Text of stages that run at the same time, told one stage after the other: the first in order as it comes, the others when it is their
/// turn. A stage that says much while it is not its turn waits; it never waits for one behind it, since those do not come first.
/// </summary>
internal sealed class BuildOutput(IProgress<BuildMessage> progress, IReadOnlyList<int> order, Func<CancellationToken, Task>? room = null)
{
    private const int MaxWaiting = 8 << 20;

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly Dictionary<int, List<BuildMessage>> _waiting = order.ToDictionary(stage => stage, _ => new List<BuildMessage>());
    private readonly Dictionary<int, TaskCompletionSource> _turns = order.ToDictionary(stage => stage, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    private readonly HashSet<int> _done = [];
    private readonly HashSet<int> _free = [];
    private int _turn;
    private long _bytes;

    /// <summary>Says something of a stage.</summary>
    internal void Tell(int stage, BuildMessage message)
    {
        lock (_gate)
        {
            if (_turn < order.Count && order[_turn] != stage && !_free.Contains(stage))
            {
                _waiting[stage].Add(message);
                _bytes += message is BuildMessage.Text text ? text.Content.Length : 64;
            }
            else
            {
                progress.Report(message);
            }
        }
    }

    internal void Tell(int stage, string text) => Tell(stage, new BuildMessage.Text(text));

    /// <summary>Waits if too much waits to be told.</summary>
    internal Task RoomAsync(int stage, CancellationToken ct)
    {
        lock (_gate)
        {
            var isTurn = _turn == order.Count || order[_turn] == stage || _free.Contains(stage);
            return isTurn ? room?.Invoke(ct) ?? Task.CompletedTask : _bytes < MaxWaiting ? Task.CompletedTask : _turns[stage].Task.WaitAsync(ct);
        }
    }

    /// <summary>Stages need not wait for their turn: one before them waits for them.</summary>
    internal void Free(IEnumerable<int> stages)
    {
        lock (_gate)
        {
            foreach (var stage in stages.Where(_free.Add))
            {
                if (!_waiting.TryGetValue(stage, out var messages))
                    continue;
                foreach (var message in messages)
                    progress.Report(message);
                messages.Clear();
                _turns[stage].TrySetResult();
            }
        }
    }

    /// <summary>A stage says no more.</summary>
    internal void End(int stage)
    {
        lock (_gate)
        {
            _done.Add(stage);
            while (_turn < order.Count && _done.Contains(order[_turn]))
            {
                _turn++;
                if (_turn == order.Count)
                    break;
                foreach (var message in _waiting[order[_turn]])
                    progress.Report(message);
                _waiting[order[_turn]].Clear();
                _turns[order[_turn]].TrySetResult();
            }
        }
    }

    /// <summary>Tells what is left of every stage, after a failure.</summary>
    internal void Flush()
    {
        lock (_gate)
        {
            foreach (var stage in order.Skip(_turn))
            {
                foreach (var message in _waiting[stage])
                    progress.Report(message);
                _waiting[stage].Clear();
                _turns[stage].TrySetResult();
            }
            _turn = order.Count;
        }
    }
}
