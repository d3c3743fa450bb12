namespace Sampan.Runtime.Commands;

/// <summary><c>kill</c>: sends a signal.</summary>
internal static class KillCommand
{
    internal static Command Definition => new("kill", "<container-id> [signal]", "send a signal (SIGTERM) to a container")
    {
        Most = 2,
        Options = [CommandOption.Switch("all", "send it to every process of the container; KILL goes on until none is left", "a")],
        Run = Run,
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        var signal = Signals.Parse(arguments.Words.Count > 1 ? arguments.Words[1] : "SIGTERM");
        context.Runtime.Kill(arguments.Words[0], signal, arguments.Has("all"));
        return 0;
    }
}
