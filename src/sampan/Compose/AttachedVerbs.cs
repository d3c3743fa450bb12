using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Containers;
using Sampan.Cli.Commands.Engine;
using Sampan.Compose.Running;
using ContainerAttach = Sampan.Cli.Commands.Containers.AttachCommand;
using ContainerExec = Sampan.Cli.Commands.Containers.ExecCommand;

namespace Sampan.Cli.Compose;

/// <summary>The commands that are those of one container, chosen by its service: exec attach cp stats export commit.</summary>
internal static class AttachedVerbs
{
    private static readonly Option<long?> s_index = Option.Number("index", null, "Which container of a service that has several");
    private static readonly Option<bool> s_detach = Option.Flag("detach", 'd', "Leave it in the background");
    private static readonly Option<IReadOnlyList<string>> s_env = Option.List("env", 'e', "stringArray", "Set an environment variable");
    private static readonly Option<bool> s_interactive = Option.Flag("interactive", 'i', "Keep stdin open (it is, unless said otherwise)", initial: true);
    private static readonly Option<bool> s_noTty = Option.Flag("no-tty", 'T', "No terminal, even if there is one here");
    private static readonly Option<bool> s_noTtyOldName = new("no-TTY", null, "", "--no-tty", false, static (_, t) => Values.Boolean(t)) { Hidden = true };
    private static readonly Option<bool> s_tty = Option.Flag("tty", 't', "A terminal (it is given one when there is one here)", initial: true);
    private static readonly Option<bool> s_privileged = Option.Flag("privileged", null, "Give the command all privileges");
    private static readonly Option<string> s_user = Option.Text("user", 'u', "string", "Run it as this user");
    private static readonly Option<string> s_workdir = Option.Text("workdir", 'w', "string", "Working directory");
    private static readonly Option<string> s_keys = Option.Text("detach-keys", null, "string", "Keys that detach");
    private static readonly Option<bool> s_noStdin = Option.Flag("no-stdin", null, "Don't attach stdin");
    private static readonly Option<bool> s_sigProxy = Option.Flag("sig-proxy", null, "Pass signals on", initial: true);
    private static readonly Option<bool> s_archive = Option.Flag("archive", 'a', "Copy uid and gid, too");
    private static readonly Option<bool> s_follow = Option.Flag("follow-link", 'L', "Follow links in the source");
    private static readonly Option<bool> s_all = Option.Flag("all", 'a', "Show all containers, not only running ones");
    private static readonly Option<string> s_format = Tables.ListFormat.Option();
    private static readonly Option<bool> s_noStream = Option.Flag("no-stream", null, "Show the first result and end");
    private static readonly Option<bool> s_noTrunc = Option.Flag("no-trunc", null, "Don't shorten ids");
    private static readonly Option<string> s_output = new("output", 'o', "string", "Write into a file", "", static (_, t) => t) { Completes = Candidates.Files };
    private static readonly Option<string> s_author = Option.Text("author", 'a', "string", "Author");
    private static readonly Option<string> s_message = Option.Text("message", 'm', "string", "A remark");
    private static readonly Option<IReadOnlyList<string>> s_change = Option.List("change", 'c', "list", "Apply a line of a Dockerfile");

    private static readonly Option<bool> s_pause = Option.Flag("pause", 'p', "Freeze the container meanwhile", initial: true);
    private static readonly Option<bool> s_allOfThem = Option.Flag("all", null, "Copy to all containers of the service, those of 'run', too");

    public static Command Exec { get; } = new()
    {
        Name = "exec",
        Summary = "Execute a command in a running container",
        Arguments = "SERVICE COMMAND [ARGS...]",
        MinWords = 2,
        OptionsEndAtFirstWord = true,
        Options = [s_detach, s_env, s_index, s_interactive, s_noTty, s_noTtyOldName, s_privileged, s_tty, s_user, s_workdir],
        Run = async call =>
        {
            var container = await OneAsync(call, call.Words[0]).ConfigureAwait(false);
            var words = new List<string>();
            if (call.Get(s_detach)) words.Add("--detach");
            else if (call.Get(s_interactive)) words.Add("--interactive");
            if (!call.Get(s_detach) && !call.Get(s_noTty) && !call.Get(s_noTtyOldName) && call.Get(s_tty) && Output.StandardIo.InIsTerminal && Output.StandardIo.OutIsTerminal) words.Add("--tty");
            if (call.Get(s_privileged)) words.Add("--privileged");
            foreach (string variable in call.Get(s_env)) words.Add("--env=" + variable);
            Pass(call, words, s_user, s_workdir);
            return await call.RunAsync(ContainerExec.Command, [.. words, container.Id, .. call.Words.Skip(1)]).ConfigureAwait(false);
        },
    };

    public static Command Attach { get; } = new()
    {
        Name = "attach",
        Summary = "Attach local standard input, output, and error streams to a service's running container",
        Arguments = "SERVICE",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_keys, s_index, s_noStdin, s_sigProxy],
        Run = async call =>
        {
            var container = await OneAsync(call, call.Words[0]).ConfigureAwait(false);
            var words = new List<string> { $"--sig-proxy={(call.Get(s_sigProxy) ? "true" : "false")}" };
            if (call.Get(s_noStdin)) words.Add("--no-stdin");
            Pass(call, words, s_keys);
            return await call.RunAsync(ContainerAttach.Command, [.. words, container.Id]).ConfigureAwait(false);
        },
    };

    public static Command Copy { get; } = new()
    {
        Name = "cp",
        Summary = "Copy files/folders between a service container and the local filesystem",
        Arguments = "SERVICE:SRC_PATH DEST_PATH|- | SRC_PATH|- SERVICE:DEST_PATH",
        MinWords = 2,
        MaxWords = 2,
        Options = [s_allOfThem, s_archive, s_follow, s_index],
        Run = async call =>
        {
            var words = new List<string>();
            if (call.Get(s_archive)) words.Add("--archive");
            if (call.Get(s_follow)) words.Add("--follow-link");
            var places = call.Words.Select(w => w.StartsWith('/') || w.StartsWith('.') ? -1 : w.IndexOf(':')).ToList();
            if (places.All(p => p <= 0)) throw new CommandException("unknown copy direction: expected SERVICE:PATH on one side");
            if (!call.Get(s_allOfThem))
            {
                foreach (var (word, colon) in call.Words.Zip(places)) words.Add(colon <= 0 ? word : (await OneAsync(call, word[..colon]).ConfigureAwait(false)).Id + word[colon..]);
                return await call.RunAsync(CopyCommand.Command, words).ConfigureAwait(false);
            }
            if (places[1] <= 0) throw new CommandException("--all copies to containers, not from them");
            string service = call.Words[1][..places[1]];
            var runner = Runner.Find(call, [service]);
            _ = await runner.SelectAsync([service], all: true, call.Cancelled).ConfigureAwait(false);
            foreach (var container in (await runner.ListAsync(all: true, withOneOff: true, call.Cancelled).ConfigureAwait(false)).Where(c => c.Service == service))
                if (await call.RunAsync(CopyCommand.Command, [.. words, call.Words[0], container.Id + call.Words[1][places[1]..]]).ConfigureAwait(false) is not 0 and var code) return code;
            return 0;
        },
    };

    public static Command Stats { get; } = new()
    {
        Name = "stats",
        Summary = "Display a live stream of container(s) resource usage statistics",
        Arguments = "[SERVICE]",
        MaxWords = 1,
        Options = [s_all, s_format, s_noStream, s_noTrunc],
        Run = async call =>
        {
            var containers = await Runner.Find(call, call.Words).SelectAsync(call.Words, call.Get(s_all), call.Cancelled).ConfigureAwait(false);
            if (containers.Count == 0) throw new CommandException("no container of the project runs");
            var words = new List<string>();
            if (call.Get(s_noStream)) words.Add("--no-stream");
            if (call.Get(s_noTrunc)) words.Add("--no-trunc");
            Pass(call, words, s_format);
            return await call.RunAsync(StatsCommand.Command, [.. words, .. containers.Select(c => c.Id)]).ConfigureAwait(false);
        },
    };

    public static Command Export { get; } = new()
    {
        Name = "export",
        Summary = "Export a service container's filesystem as a tar archive",
        Arguments = "SERVICE",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_index, s_output],
        Run = async call =>
        {
            var words = new List<string>();
            Pass(call, words, s_output);
            return await call.RunAsync(DiffCommand.Export, [.. words, (await OneAsync(call, call.Words[0]).ConfigureAwait(false)).Id]).ConfigureAwait(false);
        },
    };

    public static Command Commit { get; } = new()
    {
        Name = "commit",
        Summary = "Create a new image from a service container's changes",
        Arguments = "SERVICE [REPOSITORY[:TAG]]",
        MinWords = 1,
        MaxWords = 2,
        Options = [s_author, s_change, s_index, s_message, s_pause],
        Run = async call =>
        {
            var words = new List<string>();
            Pass(call, words, s_author, s_message);
            words.Add($"--pause={(call.Get(s_pause) ? "true" : "false")}");
            foreach (string change in call.Get(s_change)) words.Add("--change=" + change);
            return await call.RunAsync(CommitCommand.Command, [.. words, (await OneAsync(call, call.Words[0]).ConfigureAwait(false)).Id, .. call.Words.Skip(1)]).ConfigureAwait(false);
        },
    };

    private static Task<ProjectContainer> OneAsync(Invocation call, string service) => Runner.Find(call, [service]).OneAsync(service, (int?)call.Get(s_index), call.Cancelled);

    private static void Pass(Invocation call, List<string> words, params ReadOnlySpan<Option<string>> options)
    {
        foreach (var option in options)
            if (call.Given(option) is { } value) words.Add($"--{option.Name}={value}");
    }
}
