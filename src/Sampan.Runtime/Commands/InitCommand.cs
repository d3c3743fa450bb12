using Sampan.Linux.Processes;

namespace Sampan.Runtime.Commands;

/// <summary>
/// <c>init -- PROGRAM ARGUMENTS</c>: process 1 of a container with <c>--init</c>. Runs the program in its own group, passes every signal on, reaps
/// orphans, and ends as the program ends. All signals are blocked in every thread: the launcher left them so before exec, or it starts over.
/// </summary>
internal static class InitCommand
{
    private const int SIGCHLD = 17;

    internal static int Run(Options options)
    {
        // Threads that .NET made before Main would take SIGCHLD and drop it, and we would wait for ever: they must be born with it blocked.
        if (!CurrentProcess.IsBlocked(SIGCHLD))
        {
            CurrentProcess.BlockAllSignals();
            OwnProgram.Restart();
        }

        if (options.TryOption() is not null)
            throw options.Unknown("init");
        var argv = options.Rest();
        if (argv.Length == 0)
            throw new UsageException("init needs a program");
        CurrentProcess.SetName("sampan-init");
        using var signals = new SignalQueue(Passed());
        var child = ProgramSearch.Spawn(argv);
        using var process = PidFd.Open(child);
        while (true)
        {
            var signal = signals.Wait();
            if (signal != SIGCHLD)
            {
                process.Send(signal);
                continue;
            }
            while (CurrentProcess.TryReapAny(out var pid, out var exit))
            {
                if (pid == child)
                    return exit.ExitCode;
            }
        }
    }

    /// <summary>All but those that mean a mistake of our own, and those that cannot be caught.</summary>
    private static int[] Passed()
    {
        int[] own = [4, 5, 6, 7, 8, 9, 11, 19, 31, 32, 33];
        return [.. Enumerable.Range(1, 64).Except(own)];
    }
}
