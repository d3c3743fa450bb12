namespace Sampan.Engine.Health;

/// <summary>What the probes of one run of a container have said so far.</summary>
public sealed record HealthReport
{
    private const int Remembered = 5;

    /// <summary>The verdict.</summary>
    public HealthStatus Status { get; init; }

    /// <summary>Failures in a row that count.</summary>
    public int FailingStreak { get; init; }

    /// <summary>The last results, oldest first, five at most.</summary>
    public IReadOnlyList<ProbeResult> Log { get => field ?? []; init; }

    /// <summary>When the run began that this is about.</summary>
    public DateTimeOffset RunSince { get; init; }

    /// <summary>A probe of this run has succeeded.</summary>
    public bool HasBeenWell { get; init; }

    /// <summary>A new run begins; the results of the run before stay to be looked at.</summary>
    /// <param name="before">What was said before; null: nothing.</param>
    /// <param name="since">When the run began.</param>
    internal static HealthReport Begin(HealthReport? before, DateTimeOffset since) => new() { RunSince = since, Log = before?.Log ?? [] };

    /// <summary>The report with one more result, by Docker's rules: a failure within the start period counts only once a probe has succeeded.</summary>
    /// <param name="result">What the probe said.</param>
    /// <param name="plan">The container's rules.</param>
    /// <param name="age">How long the container had been running when the probe began.</param>
    internal HealthReport After(ProbeResult result, HealthPlan plan, TimeSpan age)
    {
        var log = (IReadOnlyList<ProbeResult>)[.. Log.TakeLast(Remembered - 1), result];
        if (result.ExitCode == 0)
            return this with { Status = HealthStatus.Healthy, HasBeenWell = true, FailingStreak = 0, Log = log };
        if (Status == HealthStatus.Starting && age < plan.StartPeriod)
            return this with { Log = log };
        var streak = FailingStreak + 1;
        return this with { Status = streak >= plan.Retries ? HealthStatus.Unhealthy : Status, FailingStreak = streak, Log = log };
    }
}
