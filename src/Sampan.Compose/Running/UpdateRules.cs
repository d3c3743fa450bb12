using Sampan.Compose.Documents;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Running;

/// <summary>How containers of a service are replaced: <c>deploy.update_config</c> or <c>deploy.rollback_config</c>.</summary>
internal sealed record UpdateRules
{
    /// <summary>How many at a time; 0: all.</summary>
    public int Parallelism { get; init; }

    /// <summary>The pause between groups.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>How long a new one is watched.</summary>
    public TimeSpan Monitor { get; private init; }

    /// <summary>Which share may fail.</summary>
    public double MaxFailureRatio { get; private init; }

    /// <summary>What a failure is answered with: <c>pause</c>, <c>continue</c> or <c>rollback</c>; null: nobody said, so it is an error like any other.</summary>
    public string? OnFailure { get; private init; }

    /// <summary>Whether the old one stays until the new one runs, and is healthy if it can be.</summary>
    public bool StartFirst { get; private init; }

    /// <summary>Reads them; null: all at once, stop first.</summary>
    public static UpdateRules Of(Mapping? rules) => rules is null ? new UpdateRules() : new UpdateRules
    {
        Parallelism = (int)(rules.Long("parallelism") ?? 1),
        Delay = Span(rules, "delay"),
        Monitor = Span(rules, "monitor"),
        MaxFailureRatio = (double)(rules.Decimal("max_failure_ratio") ?? 0),
        OnFailure = rules.Text("failure_action") ?? "pause",
        StartFirst = rules.Text("order") == "start-first",
    };

    private static TimeSpan Span(Mapping at, string key) => TimeSpan.FromTicks((at.Duration(key) ?? 0) / 100);
}
