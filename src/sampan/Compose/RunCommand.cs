using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Output;
using Sampan.Compose.Loading;
using Sampan.Compose.Running;

namespace Sampan.Cli.Compose;

/// <summary>compose run: a one-off container of a service, with what it depends on brought up first.</summary>
internal static class RunCommand
{
    private static readonly Option<bool> s_detach = Option.Flag("detach", 'd', "Leave it in the background and print its name");
    private static readonly Option<string> s_entrypoint = Option.Text("entrypoint", null, "string", "Another entrypoint");
    private static readonly Option<IReadOnlyList<string>> s_env = Option.List("env", 'e', "stringArray", "Set an environment variable");
    private static readonly Option<bool> s_interactive = Option.Flag("interactive", 'i', "Keep stdin open (it is, unless said otherwise)", initial: true);
    private static readonly Option<IReadOnlyList<string>> s_label = Option.List("label", 'l', "stringArray", "Add a label");
    private static readonly Option<string> s_name = Option.Text("name", null, "string", "A name for the container");
    private static readonly Option<bool> s_noTty = Option.Flag("no-TTY", 'T', "No terminal, even if there is one here");
    private static readonly Option<bool> s_noTtyNewName = new("no-tty", null, "", "--no-TTY", false, static (_, t) => Values.Boolean(t)) { Hidden = true };
    private static readonly Option<bool> s_tty = new("tty", 't', "", "A terminal (it is given one when there is one here)", true, static (_, text) => Values.Boolean(text)) { Hidden = true };
    private static readonly Option<bool> s_noDeps = Option.Flag("no-deps", null, "Leave dependencies alone");
    private static readonly Option<IReadOnlyList<string>> s_publish = Option.List("publish", 'p', "stringArray", "Publish a port");
    private static readonly Option<bool> s_rm = Option.Flag("rm", null, "Remove the container when it ends");
    private static readonly Option<bool> s_servicePorts = Option.Flag("service-ports", 'P', "Publish the service's ports");
    private static readonly Option<bool> s_useAliases = Option.Flag("use-aliases", null, "Be found under the service's names");
    private static readonly Option<string> s_user = Option.Text("user", 'u', "string", "Run it as this user");
    private static readonly Option<IReadOnlyList<string>> s_volume = Option.List("volume", 'v', "stringArray", "Mount something more");
    private static readonly Option<string> s_workdir = Option.Text("workdir", 'w', "string", "Working directory");
    private static readonly Option<bool> s_orphans = Option.Flag("remove-orphans", null, "Remove containers of services that are not in the files");

    private static readonly Option<IReadOnlyList<string>> s_capAdd = Option.List("cap-add", null, "list", "Add Linux capabilities");
    private static readonly Option<IReadOnlyList<string>> s_capDrop = Option.List("cap-drop", null, "list", "Drop Linux capabilities");
    private static readonly Option<IReadOnlyList<string>> s_envFile = Option.List("env-from-file", null, "stringArray", "Set environment variables from a file");
    private static readonly Option<bool> s_quietBuild = Option.Flag("quiet-build", null, "Don't show how building goes");
    private static readonly Option<bool> s_quietPull = Option.Flag("quiet-pull", null, "Don't show how fetching goes");
    private static readonly Option<bool> s_build = Option.Flag("build", null, "Build the image first");
    private static readonly Option<string> s_pull = new("pull", null, "string", "When to fetch images: always, missing, never, build, policy", "", static (_, t) => t is "always" or "missing" or "never" or "policy" or "build" ? t : throw new FormatException("expected always, missing, never, build or policy")) { Choices = ["always", "missing", "never", "build", "policy"] };
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Show nothing but what the command says");

    public static Command Command { get; } = new()
    {
        Name = "run",
        Summary = "Run a one-off command on a service",
        Arguments = "SERVICE [COMMAND] [ARGS...]",
        MinWords = 1,
        OptionsEndAtFirstWord = true,
        Options = [s_build, s_capAdd, s_capDrop, s_envFile, s_pull, s_quiet, s_quietBuild, s_quietPull, s_detach, s_entrypoint, s_env, s_interactive, s_label, s_name, s_noTty, s_noTtyNewName, s_noDeps, s_publish, s_orphans, s_rm, s_servicePorts, s_tty, s_useAliases, s_user, s_volume, s_workdir],
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        string service = call.Words[0];
        var project = ComposeProject.Load(call, [service]);
        var runner = Runner.Create(call, project.Name, project, call.Get(s_quiet) || call.Get(s_quietBuild), call.Get(s_quiet));
        if (call.IsSet(s_tty) && call.IsSet(s_noTty)) throw new CommandException("--tty and --no-TTY exclude each other");
        bool tty = !call.Get(s_noTty) && !call.Get(s_noTtyNewName) && call.Get(s_tty) && !call.Get(s_detach) && StandardIo.InIsTerminal && StandardIo.OutIsTerminal;
        string slug = Guid.NewGuid().ToString("n")[..12];
        string id = await runner.CreateOneOffAsync(
            new OneOffOptions
            {
                Service = service,
                Slug = slug,
                Name = call.Given(s_name),
                Command = call.Words.Count > 1 ? [.. call.Words.Skip(1)] : null,
                Entrypoint = call.Given(s_entrypoint),
                CapAdd = call.Get(s_capAdd),
                CapDrop = call.Get(s_capDrop),
                Environment = [.. Variables(call), .. call.Get(s_env).Select(v => v.Contains('=') ? v : $"{v}={Environment.GetEnvironmentVariable(v)}")],
                Labels = call.Get(s_label),
                Publish = call.Get(s_publish),
                Volumes = call.Get(s_volume),
                User = call.Given(s_user),
                WorkingDirectory = call.Given(s_workdir),
                WithPorts = call.Get(s_servicePorts),
                UseAliases = call.Get(s_useAliases),
                Tty = tty,
                Interactive = call.Get(s_interactive) && !call.Get(s_detach),
                WithDependencies = !call.Get(s_noDeps),
                RemoveOrphans = call.Get(s_orphans),
                Build = call.Get(s_build) ? BuildMode.Always : BuildMode.Missing,
                PullPolicy = call.Given(s_pull) is { } policy and not "policy" ? policy : null,
            }, call.Cancelled).ConfigureAwait(false);
        if (call.Get(s_detach))
        {
            await call.Client.StartContainerAsync(id, cancellationToken: call.Cancelled).ConfigureAwait(false);
            call.Out.WriteLine(call.Given(s_name) ?? string.Join(project.Separator, project.Name, service, "run", slug));
            return 0;
        }
        try
        {
            return await call.RunAsync(Commands.Containers.StartCommand.Command, call.Get(s_interactive) ? ["--attach", "--interactive", id] : ["--attach", id]).ConfigureAwait(false);
        }
        finally
        {
            if (call.Get(s_rm)) await call.Client.RemoveContainerAsync(id, force: true, volumes: true, cancellationToken: CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static IEnumerable<string> Variables(Invocation call)
    {
        foreach (string file in call.Get(s_envFile))
            foreach (var (name, value) in ProjectEnvironment.Read(new Dictionary<string, string>(StringComparer.Ordinal), [Path.GetFullPath(file)], isRequired: true, static path => File.Exists(path) ? File.ReadAllText(path) : null))
                yield return $"{name}={value}";
    }
}
