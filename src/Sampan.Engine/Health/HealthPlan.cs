using Sampan.Engine.Containers.Wishes;
using Sampan.Oci.Images;

namespace Sampan.Engine.Health;

/// <summary>How a container's health is found out: its <c>HEALTHCHECK</c> with Docker's defaults filled in.</summary>
/// <param name="Command">Program and arguments of the probe.</param>
/// <param name="Interval">Time between the end of a probe and the next one.</param>
/// <param name="Timeout">After which a probe is killed and counts as failed.</param>
/// <param name="StartPeriod">Time after the start in which failures do not count.</param>
/// <param name="StartInterval">The interval in the start period.</param>
/// <param name="Retries">Failures in a row that make the container unhealthy.</param>
internal sealed record HealthPlan(IReadOnlyList<string> Command, TimeSpan Interval, TimeSpan Timeout, TimeSpan StartPeriod, TimeSpan StartInterval, int Retries)
{
    private const long NanosecondsPerTick = 100;
    private const long LeastNanoseconds = 1_000_000;
    private const int UsualRetries = 3;

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UsualStartInterval = TimeSpan.FromSeconds(5);
    private static readonly string[] Shell = ["/bin/sh", "-c"];

    /// <summary>A container's plan; null: it has no probe.</summary>
    public static HealthPlan? Of(ContainerSpec spec)
    {
        if (spec.Healthcheck is not { } probe)
            return null;
        IReadOnlyList<string>? command = probe.Test switch
        {
            ["CMD", _, ..] => [.. probe.Test.Skip(1)],
            ["CMD-SHELL", _, ..] => [.. spec.Shell is { Count: > 0 } shell ? shell : Shell, .. probe.Test.Skip(1)],
            _ => null,
        };
        return command is null ? null : new HealthPlan(
            command,
            Time(probe.Interval) ?? Usual,
            Time(probe.Timeout) ?? Usual,
            Time(probe.StartPeriod) ?? TimeSpan.Zero,
            Time(probe.StartInterval) ?? UsualStartInterval,
            probe.Retries is > 0 and var retries ? retries : UsualRetries);
    }

    /// <summary>How long to wait for the next probe.</summary>
    /// <param name="status">The verdict so far.</param>
    /// <param name="run">How long the container has been running.</param>
    public TimeSpan Pause(HealthStatus status, TimeSpan run) => status == HealthStatus.Starting && run < StartPeriod ? StartInterval : Interval;

    /// <summary>What is wrong with a probe, in Docker's words.</summary>
    public static IEnumerable<string> Problems(HealthProbe? probe)
    {
        if (probe is null)
            yield break;
        if (probe.Test is [var kind, ..] && kind is not ("NONE" or "CMD" or "CMD-SHELL"))
            yield return $"unknown healthcheck type '{kind}': expected 'NONE', 'CMD' or 'CMD-SHELL'";
        if (probe.Test is ["CMD" or "CMD-SHELL"])
            yield return $"the healthcheck '{probe.Test[0]}' has no command";
        foreach (var (name, time) in new[] { ("Interval", probe.Interval), ("Timeout", probe.Timeout), ("StartPeriod", probe.StartPeriod), ("StartInterval", probe.StartInterval) })
        {
            if (time is not (null or 0) and < LeastNanoseconds)
                yield return $"{name} in Healthcheck cannot be less than one millisecond";
        }

        if (probe.Retries < 0)
            yield return "Retries in Healthcheck cannot be negative";
    }

    /// <summary>The user's probe, with what the image's says where the user's says nothing.</summary>
    public static HealthProbe? Merge(HealthProbe? wish, HealthProbe? image)
    {
        if (wish is null || image is null)
            return wish ?? image;
        return new HealthProbe
        {
            Test = wish.Test.Count > 0 ? wish.Test : image.Test,
            Interval = Given(wish.Interval) ?? image.Interval,
            Timeout = Given(wish.Timeout) ?? image.Timeout,
            StartPeriod = Given(wish.StartPeriod) ?? image.StartPeriod,
            StartInterval = Given(wish.StartInterval) ?? image.StartInterval,
            Retries = wish.Retries is null or 0 ? image.Retries : wish.Retries,
        };
    }

    private static long? Given(long? nanoseconds) => nanoseconds == 0 ? null : nanoseconds;

    // Longer than a timer can wait is as good as the longest it can.
    private static TimeSpan? Time(long? nanoseconds) =>
        Given(nanoseconds) is { } given ? TimeSpan.FromTicks(Math.Min(given / NanosecondsPerTick, TimeSpan.FromDays(49).Ticks)) : null;
}
