namespace Sampan.Runtime.Commands;

/// <summary><c>start</c>: lets the program of a created container run.</summary>
internal static class StartCommand
{
    internal static Command Definition => new("start", "<container-id>", "let the program of a created container run") { Run = Run };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        context.Runtime.Start(arguments.Words[0]);
        return 0;
    }
}
