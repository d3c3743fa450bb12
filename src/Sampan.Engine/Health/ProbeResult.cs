namespace Sampan.Engine.Health;

/// <summary>One run of a probe.</summary>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended.</param>
/// <param name="ExitCode">0: well; anything else: not; -1: it could not be run, or not to its end.</param>
/// <param name="Output">What it printed, shortened, or why it could not be run.</param>
public sealed record ProbeResult(DateTimeOffset Start, DateTimeOffset End, int ExitCode, string Output)
{
    /// <summary>The code of a probe that could not be run, or not to its end.</summary>
    internal const int NotRun = -1;
}
