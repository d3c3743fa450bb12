using Sampan.Linux;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary>
/// The command line of <c>sampan-runtime</c>: an OCI runtime with runc's options, the container's supervisor and its small init.
/// </summary>
public static class CommandLine
{
    private const string DefaultRoot = "/run/sampan-runtime";

    /// <summary>Runs a command. Errors are told on standard error and in <c>--log</c>.</summary>
    /// <returns>The exit code: that of the command, 126 or 127 if a program could not be started, 1 for other errors.</returns>
    public static int Run(string[] args)
    {
        var log = new ErrorLog();
        try
        {
            return Dispatch(args, log);
        }
        catch (StartFailedException failure)
        {
            log.Write("error", failure.Message);
            return failure.ExitCode;
        }
        catch (Exception failure) when (failure is RuntimeException or LinuxException or UsageException or IOException)
        {
            log.Write("error", failure.Message);
            return 1;
        }
    }

    private static int Dispatch(string[] args, ErrorLog log)
    {
        var options = new Options(args, 0);
        var root = DefaultRoot;
        while (options.TryOption() is { } option)
        {
            switch (option)
            {
                case "root":
                    root = options.Value();
                    break;
                case "log":
                    log.Path = options.Value();
                    break;
                case "log-format":
                    log.IsJson = options.Value() switch { "json" => true, "text" => false, var other => throw new UsageException($"unknown log-format '{other}'") };
                    break;
                case "debug":
                    _ = options.Switch(); // there is nothing more to say than errors
                    break;
                case "systemd-cgroup" when options.Switch():
                    throw new UsageException("--systemd-cgroup is not supported: cgroups are made directly, give an absolute linux.cgroupsPath");
                case "systemd-cgroup":
                    break;
                case "rootless":
                    if (options.Value() is not ("auto" or "false"))
                        throw new UsageException("--rootless is not supported");
                    break;
                case "v" or "version":
                    Texts.PrintVersion();
                    return 0;
                case "h" or "help":
                    Texts.PrintHelp();
                    return 0;
                default:
                    throw options.Unknown("");
            }
        }
        var runtime = new OciRuntime(root, TimeProvider.System);
        switch (options.TryArgument())
        {
            case "create":
                ProtectedProgram.Ensure(args);
                return OciCommands.Create(runtime, options);
            case "run":
                ProtectedProgram.Ensure(args);
                return OciCommands.Run(runtime, options);
            case "start":
                return OciCommands.Start(runtime, options);
            case "state":
                return OciCommands.State(runtime, options);
            case "kill":
                return OciCommands.Kill(runtime, options);
            case "delete":
                return OciCommands.Delete(runtime, options);
            case "supervise":
                return SuperviseCommand.Run(options);
            case "init":
                return InitCommand.Run(options);
            case "check":
                return CheckCommand.Run(options);
            case "list":
                return OciCommands.List(runtime, options);
            case null or "help":
                Texts.PrintHelp();
                return 0;
            case var other:
                throw new UsageException($"'{other}' is not a command (see 'sampan-runtime --help')");
        }
    }
}
