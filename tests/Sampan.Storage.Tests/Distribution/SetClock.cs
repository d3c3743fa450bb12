namespace Sampan.Storage.Tests.Distribution;

/// <summary>The machine's clock, which somebody sets; and time that passes at once.</summary>
internal sealed class SetClock : TimeProvider
{
    private long _set;
    private long _passed;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _set) + Interlocked.Read(ref _passed));

    public override long GetTimestamp() => base.GetTimestamp() + (Interlocked.Read(ref _passed) * TimestampFrequency / TimeSpan.TicksPerSecond);

    internal void Set(TimeSpan jump) => Interlocked.Add(ref _set, jump.Ticks);

    internal void Pass(TimeSpan time) => Interlocked.Add(ref _passed, time.Ticks);
}
