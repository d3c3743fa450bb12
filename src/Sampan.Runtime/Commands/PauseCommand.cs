namespace Sampan.Runtime.Commands;

/// <summary><c>pause</c>: every process of a container stands still.</summary>
internal static class PauseCommand
{
    internal static Command Definition => new("pause", "<container-id>", "let every process of a container stand still") { Run = Run };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        context.Runtime.Pause(arguments.Words[0]);
        return 0;
    }
}
