using Sampan.Engine.Containers;
using Sampan.Storage.Records;
using Sampan.Storage.Snapshots;

namespace Sampan.Engine.Recipes;

/// <summary>
/// Directories for containers to come, with their ids: what a create would otherwise wait for longest, the making of them and the flush of
/// all that is new. They are made from the first create on, in the gaps that creates leave, and are removed when the engine ends; what a
/// dead daemon leaves of them has no record, and its next one removes it. Any thread may take one.
/// </summary>
internal sealed class ContainersAhead(RecordDirectory<ContainerSnapshot> records, ISnapshotter snapshots, TimeProvider time, Action<EngineNotice> notices) : IAsyncDisposable
{
    private const int Size = 8;

    // A start, which usually follows, needs the processors for about as long.
    private static readonly TimeSpan s_gap = TimeSpan.FromMilliseconds(25);

    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private readonly Queue<string> _ready = new();
    private readonly Queue<string> _unflushed = new();
    private Task _filling = Task.CompletedTask;
    private bool _ended;
    private bool _isFilling;
    private bool _refused;

    /// <summary>Ends when what was begun to be made is made.</summary>
    internal Task Filled
    {
        get
        {
            lock (_gate)
                return _filling;
        }
    }

    /// <summary>The id of a container for which all is made, the caller's from now on; null: there is none just now.</summary>
    internal string? Take()
    {
        lock (_gate)
            return _ready.TryDequeue(out var id) ? id : null;
    }

    /// <summary>Removes what nobody needs of what was made for a container that was taken.</summary>
    internal void GiveBack(string id)
    {
        records.DropAhead(id);
        snapshots.DropAhead(id);
    }

    /// <summary>Begins to make what lacks, unless somebody does, and flushes the snapshot of a container that was created, for which nobody need wait.</summary>
    /// <param name="created">The container; null: it need not survive the machine.</param>
    internal void Refill(string? created)
    {
        lock (_gate)
        {
            if (created is not null)
                _unflushed.Enqueue(created);
            if ((_isFilling && !_filling.IsCompleted) || _ended)
                return;
            _isFilling = true;
            var isLow = _ready.Count * 2 < Size;
            _filling = Task.Run(() => FillAsync(isLow), CancellationToken.None); // it ends by itself, and gives back what it has not made whole
        }
    }

    /// <summary>Removes what nobody took.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        Task filling;
        lock (_gate)
            (filling, _ended) = (_filling, true);
        await filling;
        while (Unflushed() is { } created)
            Try(() => snapshots.Flush(created));
        while (Take() is { } id)
            Try(() => GiveBack(id));
        _ending.Dispose();
    }

    private async Task FillAsync(bool isLow)
    {
        if (!isLow)
            await Task.Delay(s_gap, time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var makes = true;
        while (Next(makes) is var (lacking, created))
        {
            if (created is not null)
                Try(() => snapshots.Flush(created));
            // All are made before the first is flushed: the flush of one takes what the others changed above them along.
            var made = new List<string>();
            while (made.Count < lacking)
                made.Add(ContainerName.NewId());
            var whole = Try(() => made.ForEach(Make));
            foreach (var id in made)
            {
                if (whole && !_ending.IsCancellationRequested && (whole = Try(() => records.FlushAhead(id))))
                {
                    lock (_gate)
                        _ready.Enqueue(id);
                }
                else
                {
                    Try(() => GiveBack(id));
                }
            }

            makes &= whole;
        }
    }

    // Null: there is nothing to do, and the next Refill begins anew. Decided together, so that nothing is left lying in between.
    private (int Lacking, string? Created)? Next(bool makes)
    {
        lock (_gate)
        {
            var lacking = makes ? Size - _ready.Count : 0;
            _isFilling = !_ending.IsCancellationRequested && (lacking > 0 || _unflushed.Count > 0);
            return _isFilling ? (lacking, _unflushed.TryDequeue(out var created) ? created : null) : null;
        }
    }

    private string? Unflushed()
    {
        lock (_gate)
            return _unflushed.TryDequeue(out var id) ? id : null;
    }

    private void Make(string id)
    {
        records.MakeAhead(id);
        snapshots.MakeAhead(id);
    }

    // A disk that is full or read-only is told by the create itself: once is enough here.
    private bool Try(Action action)
    {
        try
        {
            Translate.Run(action);
            return true;
        }
        catch (EngineException failure)
        {
            if (!_refused)
                notices(new EngineNotice(NoticeLevel.Warning, $"cannot make directories ahead for containers to come, each is made when it is created: {failure.Message}", failure));
            _refused = true;
            return false;
        }
    }
}
