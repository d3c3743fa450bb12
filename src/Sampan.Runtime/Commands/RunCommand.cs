using Sampan.Linux.Processes;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary><c>run</c>: create, start, wait, delete; or create and start with <c>--detach</c>.</summary>
internal static class RunCommand
{
    internal static Command Definition => new("run", "<container-id>", "create and run a container, end with its exit code")
    {
        Options =
        [
            .. CreateCommand.Options,
            CommandOption.Switch("detach", "leave the container alone once its program runs", "d"),
            CommandOption.Switch("keep", "do not delete the container after it ended"),
            CommandOption.Switch("no-subreaper", "do not adopt orphans of the container"),
        ],
        Run = Run,
    };

    /// <summary>
    /// <list type="number">
    /// <item>run from a protected copy of the program, in the foreground with all signals blocked</item>
    /// <item>create; join the terminal to ours</item>
    /// <item>start</item>
    /// <item>wait, passing signals and bytes on</item>
    /// <item>delete</item>
    /// </list>
    /// </summary>
    private static int Run(CommandContext context, CommandArguments arguments)
    {
        var detaches = arguments.Has("detach");
        ProtectedProgram.Ensure(context.Args, foreground: !detaches);
        var runtime = context.Runtime;
        var id = arguments.Words[0];
        using var foreground = detaches ? null : new ForegroundProcess();
        if (foreground is not null && !arguments.Has("no-subreaper"))
            CurrentProcess.BecomeSubreaper();
        runtime.Create(id, CreateCommand.Read(arguments), foreground is null ? null : foreground.TakeConsole);
        try
        {
            using var process = runtime.OpenProcess(id);
            runtime.Start(id, foreground is null ? null : foreground.TakeRelay);
            if (foreground is null)
                return 0;
            var code = foreground.Wait(process);
            if (!arguments.Has("keep"))
                runtime.Delete(id, force: true);
            return code;
        }
        catch
        {
            runtime.Delete(id, force: true);
            throw;
        }
    }
}
