using Sampan.Linux.Processes;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary><c>restore</c>: a container from disk.</summary>
internal static class RestoreCommand
{
    private static readonly string[] s_unsupported = ["console-socket", "lazy-pages", "lsm-profile", "lsm-mount-context"];

    internal static Command Definition => new("restore", "<container-id>", "make a container out of a checkpoint")
    {
        Details = "Needs criu, the bundle and the cgroup path of the container that was checkpointed.",
        Options =
        [
            .. CheckpointCommand.Options,
            CommandOption.Value("bundle", "directory of config.json (the current one)", "b"),
            CommandOption.Switch("detach", "leave the container alone once it runs", "d"),
            CommandOption.Value("pid-file", "file that the process id is written to"),
            CommandOption.Switch("no-subreaper", "do not adopt the container: only with --detach"),
            CommandOption.Switch("no-pivot", "accepted: criu enters the root its own way"),
            CommandOption.Value("console-socket", "not supported"),
            CommandOption.Switch("lazy-pages", "not supported"),
            CommandOption.Value("lsm-profile", "not supported"),
            CommandOption.Value("lsm-mount-context", "not supported"),
        ],
        Run = Run,
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        var detaches = arguments.Has("detach");
        foreach (var name in s_unsupported)
        {
            if (arguments.Text(name) is not (null or "" or "false"))
                throw new UsageException($"--{name} is not supported");
        }
        if (arguments.Has("no-subreaper") && !detaches)
            throw new UsageException("--no-subreaper is for --detach: criu's child comes to who adopts orphans");
        ProtectedProgram.Ensure(context.Args, foreground: !detaches);
        var create = new CreateOptions
        {
            Bundle = arguments.Text("bundle") is { Length: > 0 } bundle ? bundle : ".",
            PidFile = arguments.Text("pid-file") is { Length: > 0 } file ? file : null,
        };
        using var foreground = detaches ? null : new ForegroundProcess();
        if (foreground is not null)
            CurrentProcess.BecomeSubreaper();
        var id = arguments.Words[0];
        var runtime = context.Runtime;
        using var process = runtime.Restore(id, create, CheckpointCommand.Read(context, arguments));
        if (foreground is null)
            return 0;
        var code = foreground.Wait(process);
        runtime.Delete(id, force: true);
        return code;
    }
}
