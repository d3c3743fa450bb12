namespace Sampan.Cli.Tests;

/// <summary>A clock that stands still, in a zone of the test's choice.</summary>
internal sealed class FixedTime(DateTimeOffset now, TimeSpan offset = default) : TimeProvider
{
    /// <summary>2026-03-04 05:06:07 UTC.</summary>
    public static readonly FixedTime Noon = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    public override TimeZoneInfo LocalTimeZone { get; } = offset == default ? TimeZoneInfo.Utc : TimeZoneInfo.CreateCustomTimeZone("TEST", offset, "TEST", "TEST");

    public override DateTimeOffset GetUtcNow() => now;
}
