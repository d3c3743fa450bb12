using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary>
/// The command line of <c>sampan-runtime</c>: an OCI runtime with runc's commands and options, the container's supervisor and its small init.
/// </summary>
public static class CommandLine
{
    internal static readonly CommandOption[] GlobalOptions =
    [
        CommandOption.Value("root", "directory of the containers' state, on a memory file system (/run/sampan-runtime; a user's: $XDG_RUNTIME_DIR/sampan-runtime)"),
        CommandOption.Value("log", "file that the log is appended to (standard error)"),
        CommandOption.Value("log-format", "text or json (text)"),
        CommandOption.Switch("debug", "log what is done, too"),
        CommandOption.Value("criu", "the criu program, for checkpoint and restore (criu)"),
        CommandOption.Switch("systemd-cgroup", "ask systemd for cgroups; linux.cgroupsPath is slice:prefix:name then"),
        CommandOption.Value("rootless", "go on where no control group may be made: true, false or auto (auto: unless called by root of the host)"),
        CommandOption.Switch("version", "print the version", "v"),
    ];

    /// <summary>Runs a command. Errors are told on standard error and in <c>--log</c>.</summary>
    /// <returns>The exit code: that of the command, 126 or 127 if a program could not be started, 1 for other errors.</returns>
    public static int Run(string[] args)
    {
        var log = new CommandLog();
        try
        {
            return Dispatch(args, log);
        }
        catch (StartFailedException failure)
        {
            log.Error(failure.Message);
            return failure.ExitCode;
        }
        catch (Exception failure) when (failure is RuntimeException or LinuxException or UsageException or IOException)
        {
            log.Error(failure.Message);
            return 1;
        }
    }

    private static int Dispatch(string[] args, CommandLog log)
    {
        var global = CommandArguments.ParseGlobal(GlobalOptions, args, out var next);
        log.Path = global.Text("log");
        log.IsJson = global.Text("log-format") switch { null or "text" => false, "json" => true, var other => throw new UsageException($"unknown log-format \"{other}\"") };
        log.WantsDebug = global.Has("debug");
        if (global.Has("version"))
        {
            PrintVersion();
            return 0;
        }
        if (global.WantsHelp || next == args.Length)
            return PrintHelp(null);
        if (args[next] is "help" or "h")
            return PrintHelp(next + 1 < args.Length ? args[next + 1] : null);
        var isRootless = Privilege.ReadRootless(global.Text("rootless"));
        var command = Find(args[next]) ?? throw new UsageException($"No help topic for '{args[next]}': it is not a command (see 'sampan-runtime --help')");
        var arguments = CommandArguments.Parse(command, args[(next + 1)..]);
        if (arguments.WantsHelp)
            return PrintHelp(command.Name);
        log.Debug($"{command.Name}: {string.Join(' ', args[(next + 1)..])}");
        var code = command.Run(new CommandContext { Args = args, Log = log, Root = global.Text("root") ?? Privilege.StateRoot(), IsRootless = isRootless, Criu = global.Text("criu") ?? "criu", BySystemd = global.Has("systemd-cgroup") }, arguments);
        log.Debug($"{command.Name}: ended with {code}");
        return code;
    }

    /// <summary>All commands, in no order.</summary>
    internal static IEnumerable<Command> All() => s_names.Select(Find).OfType<Command>();

    private static readonly string[] s_names =
    [
        "check", "checkpoint", "create", "delete", "events", "exec", "features", "init", "kill", "list", "pause", "ps", "restore", "resume", "run", "spec", "start", "state", "supervise",
        "update", "users",
    ];

    /// <summary>One command, made when it is called for: the tables of the others cost nothing then.</summary>
    internal static Command? Find(string name) => name switch
    {
        "check" => CheckCommand.Definition,
        "checkpoint" => CheckpointCommand.Definition,
        "create" => CreateCommand.Definition,
        "delete" => DeleteCommand.Definition,
        "events" => EventsCommand.Definition,
        "exec" => ExecCommand.Definition,
        "features" => FeaturesCommand.Definition,
        "init" => InitCommand.Definition,
        "kill" => KillCommand.Definition,
        "list" => ListCommand.Definition,
        "pause" => PauseCommand.Definition,
        "ps" => PsCommand.Definition,
        "restore" => RestoreCommand.Definition,
        "resume" => ResumeCommand.Definition,
        "run" => RunCommand.Definition,
        "spec" => SpecCommand.Definition,
        "start" => StartCommand.Definition,
        "state" => StateCommand.Definition,
        "supervise" => SuperviseCommand.Definition,
        "update" => UpdateCommand.Definition,
        "users" => UsersCommand.Definition,
        _ => null,
    };

    private static void PrintVersion() => StandardStreams.WriteOutput($"sampan-runtime version {Version}\nspec: {OciRuntime.SpecVersion}\n");

    internal static string Version => typeof(CommandLine).Assembly.GetName().Version?.ToString(3) ?? "0";

    private static int PrintHelp(string? name)
    {
        if (name is null)
        {
            StandardStreams.WriteOutput(CommandHelp.ForAll(All(), GlobalOptions));
            return 0;
        }
        var command = Find(name) ?? throw new UsageException($"No help topic for '{name}'");
        StandardStreams.WriteOutput(CommandHelp.For(command));
        return 0;
    }
}
