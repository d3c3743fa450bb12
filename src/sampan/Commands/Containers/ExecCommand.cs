using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Requests;
using Sampan.Cli.Terminals;
using Sampan.DockerApi.Execs;
using Sampan.Linux.Io;

namespace Sampan.Cli.Commands.Containers;

/// <summary>exec: a further process in a running container.</summary>
internal static class ExecCommand
{
    private static readonly Option<bool> s_detach = Option.Flag("detach", 'd', "Leave it in the background");
    private static readonly Option<IReadOnlyList<string>> s_env = Option.List("env", 'e', "list", "Set an environment variable");
    private static readonly Option<IReadOnlyList<string>> s_envFile = new("env-file", null, "list", "Read environment variables from a file", [], static (before, t) => [.. before, t]) { Completes = Candidates.Files };
    private static readonly Option<bool> s_interactive = Option.Flag("interactive", 'i', "Keep stdin open even if not attached");
    private static readonly Option<bool> s_privileged = Option.Flag("privileged", null, "Give the command all privileges the engine has");
    private static readonly Option<bool> s_tty = Option.Flag("tty", 't', "Give it a terminal");
    private static readonly Option<string> s_user = Option.Text("user", 'u', "string", "User, by name or number (user[:group])");
    private static readonly Option<string> s_workdir = Option.Text("workdir", 'w', "string", "Working directory");

    public static Command Command { get; } = new()
    {
        Name = "exec",
        Summary = "Execute a command in a running container",
        Details = "Options end at the container's name. The exit code is that of the command.",
        Aliases = ["container exec", "exec"],
        Arguments = "CONTAINER COMMAND [ARG...]",
        MinWords = 2,
        OptionsEndAtFirstWord = true,
        Options = [s_detach, RunCommand.DetachKeysOption, s_env, s_envFile, s_interactive, s_privileged, s_tty, s_user, s_workdir],
        Completes = Candidates.RunningContainers,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        bool detach = call.Get(s_detach);
        bool tty = call.Get(s_tty);
        bool input = call.Get(s_interactive) && !detach;
        byte[] keys = RunCommand.ParseKeys(call, 1);
        if (input && tty && !StandardIo.InIsTerminal) throw new CommandException("the input device is not a TTY");
        var size = tty ? TerminalMode.Size(1) : null;
        IReadOnlyList<int>? consoleSize = size is var (rows, columns) ? [rows, columns] : null;
        List<string> environment;
        try
        {
            environment = SettingFiles.Environment(call.Get(s_envFile), call.Get(s_env), Environment.GetEnvironmentVariable);
        }
        catch (FormatException e)
        {
            throw new CommandException(e.Message, 1, e);
        }
        // Without input there is never more than one thing to wait for.
        call.Client.IsSequential = !input;
        string id = await call.Client.CreateExecAsync(call.Words[0], new ExecCreateRequest
        {
            User = call.Get(s_user),
            Privileged = call.Get(s_privileged),
            Tty = tty,
            ConsoleSize = consoleSize,
            AttachStdin = input,
            AttachStdout = !detach,
            AttachStderr = !detach,
            DetachKeys = call.DetachKeys(RunCommand.DetachKeysOption) ?? "",
            Env = environment,
            WorkingDir = call.Get(s_workdir),
            Cmd = [.. call.Words.Skip(1)],
        }, call.Cancelled).ConfigureAwait(false);
        if (detach)
        {
            await call.Client.StartExecDetachedAsync(id, tty, call.Cancelled).ConfigureAwait(false);
            return 0;
        }
        using var stream = await call.Client.StartExecAsync(id, tty, consoleSize, call.Cancelled).ConfigureAwait(false);
        using var session = new AttachedSession(stream, call.Io, tty, input, true, keys);
        bool detached = await AttachedContainer.WithResizeAsync(
            tty && StandardIo.OutIsTerminal, (r, c) => call.Client.ResizeExecAsync(id, r, c, call.Cancelled), () => session.RunAsync(call.Cancelled)).ConfigureAwait(false);
        session.Restore();
        if (detached) throw new CommandException("read escape sequence");
        return await call.Client.ReadExecExitCodeAsync(id, call.Cancelled).ConfigureAwait(false) ?? 0;
    }
}
