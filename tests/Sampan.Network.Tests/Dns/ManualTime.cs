namespace Sampan.Network.Tests.Dns;

/// <summary>A clock that stands still until it is told otherwise; what waits for it waits for ever.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks = 1;
    private long _set;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50).AddTicks(Interlocked.Read(ref _ticks) + Interlocked.Read(ref _set));

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => TimeProvider.System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    internal void Pass(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    /// <summary>Somebody sets the machine's clock: no time passes.</summary>
    internal void Set(TimeSpan jump) => Interlocked.Add(ref _set, jump.Ticks);
}
