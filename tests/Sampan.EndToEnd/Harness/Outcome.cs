using System.Runtime.CompilerServices;

namespace Sampan.EndToEnd.Harness;

/// <summary>How a command ended: its exit code and what it printed.</summary>
internal sealed record Outcome(string Command, int ExitCode, string Stdout, string Stderr)
{
    /// <summary>Standard output without surrounding white space.</summary>
    public string Text => Stdout.Trim();

    /// <summary>Both streams, for messages that either client may print on either.</summary>
    public string All => Stdout + Stderr;

    public string[] Lines => Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Fails the test, with everything the command said, unless it ended with 0. Returns <see cref="Text"/>.</summary>
    public string Succeeded(string? why = null)
    {
        ExitCode.ShouldBe(0, $"{why}\n{Command}\nstdout: {Stdout}\nstderr: {Stderr}");
        return Text;
    }

    public Outcome Ended(int exitCode)
    {
        ExitCode.ShouldBe(exitCode, $"{Command}\nstdout: {Stdout}\nstderr: {Stderr}");
        return this;
    }

    public Outcome Failed()
    {
        ExitCode.ShouldNotBe(0, $"{Command}\nstdout: {Stdout}\nstderr: {Stderr}");
        return this;
    }

    public Outcome Saying(string part, [CallerArgumentExpression(nameof(part))] string? _ = null)
    {
        All.ShouldContain(part, Case.Insensitive, Command);
        return this;
    }
}
