namespace Sampan.Runtime.Commands;

/// <summary><c>resume</c>: a paused container goes on.</summary>
internal static class ResumeCommand
{
    internal static Command Definition => new("resume", "<container-id>", "let a paused container go on") { Run = Run };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        context.Runtime.Resume(arguments.Words[0]);
        return 0;
    }
}
