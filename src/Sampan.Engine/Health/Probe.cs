using System.Globalization;
using Sampan.Engine.Containers;
using Sampan.Engine.Execs;
using Sampan.Engine.Supervision;

namespace Sampan.Engine.Health;

/// <summary>Runs a container's probe: an exec whose output is kept, and that is killed with all its descendants when it takes too long.</summary>
internal sealed class Probe(EngineParts parts, ExecOperations execs)
{
    /// <summary>
    /// Runs it once. (1) start the exec (2) read its output until it ends or the time is over (3) kill what did not end (4) tell.
    /// </summary>
    /// <param name="container">A running container.</param>
    /// <param name="plan">What to run, and for how long at most.</param>
    /// <param name="ct">The container was paused or stopped: the probe is killed and nobody asks for the result.</param>
    public async Task<ProbeResult> RunAsync(Container container, HealthPlan plan, CancellationToken ct)
    {
        var start = parts.Time.GetUtcNow();
        IRunningExec running;
        try
        {
            // (1)
            running = await execs.BeginAsync(container, new ExecSpec { Command = plan.Command, AttachStdout = true, AttachStderr = true }, ct);
        }
        catch (EngineException refused) when (!ct.IsCancellationRequested)
        {
            return new ProbeResult(start, parts.Time.GetUtcNow(), ProbeResult.NotRun, refused.Message);
        }

        // (2) What it says is read to its end, which comes with the process's: the wait for that is the one that is given up.
        await using var wire = running.Wire;
        var output = wire is null ? Task.FromResult("") : ProbeOutput.ReadAsync(wire.Stream, CancellationToken.None);
        try
        {
            var status = await running.Exited.WaitAsync(plan.Timeout, parts.Time, ct);
            return new ProbeResult(start, parts.Time.GetUtcNow(), status.ExitCode, await output);
        }
        catch (TimeoutException)
        {
            // (3)
            running.Kill();
            await running.Exited;
            var said = await output;
            // (4)
            return new ProbeResult(start, parts.Time.GetUtcNow(), ProbeResult.NotRun, $"Health check exceeded timeout ({Words(plan.Timeout)})" + (said.Length > 0 ? ": " + said : ""));
        }
        catch (OperationCanceledException)
        {
            running.Kill();
            throw;
        }
    }

    // As Go writes durations: 500ms, 2s, 1m30s.
    private static string Words(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
            return time.TotalMilliseconds.ToString("0.######", CultureInfo.InvariantCulture) + "ms";
        var hours = (long)time.TotalHours;
        var seconds = (time.TotalSeconds % 60).ToString("0.#######", CultureInfo.InvariantCulture) + "s";
        return (hours > 0 ? $"{hours}h" : "") + (time.TotalMinutes >= 1 ? $"{time.Minutes}m" : "") + seconds;
    }
}
