namespace Sampan.Engine.Tests.Doubles;

/// <summary>A clock that goes only when the test says so. Timers fire within <see cref="AdvanceAsync"/>.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _set;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now + _set;
    }

    public override long GetTimestamp()
    {
        lock (_gate)
            return _now.UtcTicks;
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until somebody, or as many as said, waits for exactly that long from now.</summary>
    public async Task WaiterAsync(TimeSpan due, int count = 1)
    {
        for (var patience = 0; patience < 6000; patience++)
        {
            lock (_gate)
            {
                if (_timers.Count(t => t.Due == _now + due) >= count)
                    return;
            }

            await Task.Delay(10);
        }

        lock (_gate)
            throw new TimeoutException($"nobody waits for {due}; there are waits of {string.Join(", ", _timers.Select(t => t.Due - _now))}");
    }

    /// <summary>Waits for somebody who waits that long, and lets the time pass.</summary>
    public async Task AdvanceAsync(TimeSpan time, int count = 1)
    {
        await WaiterAsync(time, count);
        Pass(time);
    }

    /// <summary>Somebody sets the machine's clock: no time passes.</summary>
    public void Set(TimeSpan jump)
    {
        lock (_gate)
            _set += jump;
    }

    /// <summary>Lets time pass.</summary>
    public void Pass(TimeSpan time)
    {
        List<ManualTimer> due;
        lock (_gate)
        {
            _now += time;
            due = [.. _timers.Where(t => t.Due <= _now)];
            foreach (var timer in due)
                _timers.Remove(timer);
        }

        foreach (var timer in due)
            timer.Fire();
    }

    private sealed class ManualTimer(ManualTime home, Action fire) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (home._gate)
            {
                home._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = home._now + dueTime;
                home._timers.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (home._gate)
                home._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
