namespace Sampan.Runtime.Commands;

/// <summary><c>delete</c>: removes what a stopped container holds.</summary>
internal static class DeleteCommand
{
    internal static Command Definition => new("delete", "<container-id>", "remove a stopped container")
    {
        Options = [CommandOption.Switch("force", "kill it first if it runs; one that does not exist is well", "f")],
        Run = Run,
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        context.Runtime.Delete(arguments.Words[0], arguments.Has("force"));
        return 0;
    }
}
