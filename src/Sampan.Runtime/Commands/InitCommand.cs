using Sampan.Linux.Processes;

namespace Sampan.Runtime.Commands;

/// <summary>
/// <c>init -- PROGRAM ARGUMENTS</c>: process 1 of a container with <c>--init</c>. Runs the program in its own group, passes every signal on, reaps
/// orphans, and ends as the program ends. All signals are blocked in every thread: the launcher left them so before exec, or it starts over.
/// </summary>
internal static class InitCommand
{
    private const int SIGCHLD = 17;

    internal static Command Definition => new("init", "-- <command> [arguments...]", "process 1 of a container with --init") { Most = null, EndsOptionsAtArgument = true, IsHidden = true, Run = Run };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        // Threads that .NET made before Main would take SIGCHLD and drop it, and we would wait for ever: they must be born with it blocked.
        if (!CurrentProcess.IsBlocked(SIGCHLD))
        {
            CurrentProcess.BlockAllSignals();
            OwnProgram.Restart();
        }
        CurrentProcess.SetName("sampan-init");
        using var signals = new SignalQueue(PassedSignals.All());
        var child = ProgramSearch.Spawn(arguments.Words);
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
}
