using System.Globalization;
using System.Text.Json;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Commands;

/// <summary><c>exec</c>: another process in a container.</summary>
internal static class ExecCommand
{
    private const int ProcessMaxBytes = 4 << 20;

    internal static Command Definition => new("exec", "<container-id> <command> [arguments...] || --process FILE <container-id>", "run another process in a container")
    {
        Most = null,
        EndsOptionsAtArgument = true,
        Details = "Without --process the process is that of config.json, changed by the options.\nEnds with the exit code of the process, unless detached.",
        Options =
        [
            CommandOption.Value("console-socket", "unix socket that receives the master of the terminal"),
            CommandOption.Value("cwd", "working directory in the container"),
            CommandOption.List("env", "set an environment variable, NAME=value", "e"),
            CommandOption.Switch("tty", "allocate a terminal", "t"),
            CommandOption.Value("user", "who: UID[:GID]", "u"),
            CommandOption.List("additional-gids", "a further group id", "g"),
            CommandOption.Value("process", "file with the process as JSON", "p"),
            CommandOption.Switch("detach", "leave the process alone once it runs", "d"),
            CommandOption.Value("pid-file", "file that the process id is written to"),
            CommandOption.Value("process-label", "SELinux label of the process"),
            CommandOption.Value("apparmor", "AppArmor profile of the process"),
            CommandOption.Switch("no-new-privs", "no privileges by set-uid programs and file capabilities"),
            CommandOption.List("cap", "a further capability", "c"),
            CommandOption.Value("preserve-fds", "descriptors from 3 on that the program keeps (0)"),
            CommandOption.List("cgroup", "run it in an existing group below the container's: PATH, or CONTROLLER[,CONTROLLER]:PATH"),
            CommandOption.Switch("ignore-paused", "also in a paused container: the process waits for resume"),
        ],
        Run = Run,
    };

    /// <summary>
    /// <list type="number">
    /// <item>run from a protected copy of the program: the container can reach it while we enter (CVE-2019-5736)</item>
    /// <item>enter, start; in the foreground join the terminal to ours</item>
    /// <item>wait, passing signals and bytes on; detached, leave</item>
    /// </list>
    /// </summary>
    private static int Run(CommandContext context, CommandArguments arguments)
    {
        var detaches = arguments.Has("detach");
        ProtectedProgram.Ensure(context.Args, foreground: !detaches);
        if (arguments.Words.Count < 2 && arguments.Text("process") is null)
            throw new UsageException("process args cannot be empty");
        using var foreground = detaches ? null : new ForegroundProcess();
        if (foreground is not null)
            CurrentProcess.BecomeSubreaper();
        using var process = Enter(context, arguments, foreground);
        return foreground?.Wait(process) ?? 0;
    }

    private static PidFd Enter(CommandContext context, CommandArguments arguments, ForegroundProcess? foreground)
    {
        var options = new ExecOptions
        {
            Process = configured => Describe(configured, arguments),
            ConsoleSocket = arguments.Text("console-socket") is { Length: > 0 } socket ? socket : null,
            PidFile = arguments.Text("pid-file") is { Length: > 0 } file ? file : null,
            PreservedDescriptors = arguments.Count("preserve-fds"),
            Cgroups = arguments.Texts("cgroup"),
            IgnorePaused = arguments.Has("ignore-paused"),
        };
        try
        {
            return context.Runtime.Exec(arguments.Words[0], options, foreground is null ? null : foreground.TakeConsole);
        }
        catch (StartFailedException failure)
        {
            throw new StartFailedException(failure.Step, "exec failed: unable to start container process: " + failure.Message, failure.ExitCode);
        }
        catch (RuntimeException failure)
        {
            throw new RuntimeException(failure.Step, "exec failed: " + failure.Message, failure);
        }
    }

    /// <summary>The process of <c>--process</c>, or that of the configuration with what the options say.</summary>
    internal static OciProcess Describe(OciProcess configured, CommandArguments arguments)
    {
        if (arguments.Text("process") is { Length: > 0 } file)
            return ReadProcess(file);
        var caps = arguments.Texts("cap");
        return configured with
        {
            Args = [.. arguments.Words.Skip(1)],
            Terminal = arguments.Has("tty"),
            Cwd = arguments.Text("cwd") is { Length: > 0 } cwd ? cwd : configured.Cwd,
            Env = [.. configured.Env, .. arguments.Texts("env")],
            User = Who(configured.User, arguments),
            NoNewPrivileges = arguments.Given("no-new-privs") ?? configured.NoNewPrivileges,
            SelinuxLabel = arguments.Text("process-label") is { Length: > 0 } label ? label : configured.SelinuxLabel,
            ApparmorProfile = arguments.Text("apparmor") is { Length: > 0 } profile ? profile : configured.ApparmorProfile,
            Capabilities = caps.Count == 0 ? configured.Capabilities : Widen(configured.Capabilities ?? new CapabilitySets(), caps),
        };
    }

    /// <summary>Not the inheritable set, and so not the ambient one: programs with file capabilities would gain from it (CVE-2022-29162).</summary>
    private static CapabilitySets Widen(CapabilitySets sets, IReadOnlyList<string> caps) => sets with
    {
        Bounding = [.. sets.Bounding, .. caps],
        Effective = [.. sets.Effective, .. caps],
        Permitted = [.. sets.Permitted, .. caps],
    };

    private static OciUser Who(OciUser configured, CommandArguments arguments)
    {
        var user = configured;
        if (arguments.Text("user") is { Length: > 0 } text)
        {
            var colon = text.IndexOf(':');
            user = user with { Uid = Id(colon < 0 ? text : text[..colon], "user"), Gid = colon < 0 ? user.Gid : Id(text[(colon + 1)..], "user") };
        }
        return user with { AdditionalGids = [.. user.AdditionalGids, .. Lists.Convert(arguments.Texts("additional-gids"), static gid => Id(gid, "additional-gids"))] };
    }

    /// <summary>Never a name, and nothing that would wrap around to root (CVE-2016-3697, CVE-2024-40635).</summary>
    private static uint Id(string text, string option) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id <= int.MaxValue
        ? id : throw new UsageException($"invalid value \"{text}\" for flag -{option}: ids are numbers from 0 to {int.MaxValue}");

    private static OciProcess ReadProcess(string file)
    {
        try
        {
            return SpecDocument.ReadProcess(HostFile.Read(file, ProcessMaxBytes)) ?? throw new RuntimeException("process", $"'{file}' is empty");
        }
        catch (JsonException failure)
        {
            throw new RuntimeException("process", $"'{file}' is no process of the specification: {failure.Message}", failure);
        }
    }
}
