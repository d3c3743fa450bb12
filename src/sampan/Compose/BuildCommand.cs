using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Registries;
using Sampan.Compose.Running;

namespace Sampan.Cli.Compose;

/// <summary>compose build.</summary>
internal static class BuildCommand
{
    private static readonly Option<IReadOnlyList<string>> s_argument = Option.List("build-arg", null, "stringArray", "Set an ARG (name=value; a name alone takes the value of the environment)");
    private static readonly Option<long?> s_memory = Option.Bytes("memory", 'm', "Memory limit of each RUN step");
    private static readonly Option<bool> s_check = Option.Flag("check", null, "Check the Dockerfiles, build nothing");
    private static readonly Option<bool> s_compress = new("compress", null, "", "Accepted; the context goes over a local socket", false, static (_, t) => Values.Boolean(t)) { Hidden = true };
    private static readonly Option<bool> s_forceRm = new("force-rm", null, "", "Remove intermediate containers (they always are)", false, static (_, t) => Values.Boolean(t)) { Hidden = true };
    private static readonly Option<bool> s_parallel = new("parallel", null, "", "Build side by side (it always does)", true, static (_, t) => Values.Boolean(t) ? true : throw new FormatException("builds go side by side: say 'compose --parallel 1'")) { Hidden = true };
    private static readonly Option<bool> s_noCache = Option.Flag("no-cache", null, "Run every step");
    private static readonly Option<bool> s_pull = Option.Flag("pull", null, "Ask registries for newer base images");
    private static readonly Option<bool> s_push = Option.Flag("push", null, "Push the images when they are built");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Show only what fails");
    private static readonly Option<IReadOnlyList<string>> s_ssh = Option.List("ssh", null, "stringArray", "An SSH agent or keys for RUN --mount=type=ssh and git (default, or id=socket, or id=key[,key])");
    private static readonly Option<bool> s_deps = Option.Flag("with-dependencies", null, "The images of dependencies, too");

    public static Command Command { get; } = new()
    {
        Name = "build",
        Summary = "Build or rebuild services",
        Details = "Images that are not made of one another are built side by side.",
        Arguments = "[SERVICE...]",
        Options =
        [
            s_argument, s_memory, s_noCache, s_pull, s_push, s_quiet, s_ssh, s_deps,
            s_check, s_compress, s_forceRm, s_parallel,
            Option.Refused("builder", null, "string", "", "there is one builder, the engine's"),
            Option.Refused("no-rm", null, "", "", "intermediate containers are always removed"),
            Option.Refused("progress", null, "string", "", "say 'compose --progress HOW'"),
            Option.Refused("print", null, "", "", "nothing is handed to another builder"),
            Option.Refused("provenance", null, "string", "", "the builder makes no attestations"),
            Option.Refused("sbom", null, "string", "", "the builder makes no attestations"),
        ],
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var project = ComposeProject.Load(call, call.Words);
        var arguments = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (string word in call.Get(s_argument))
        {
            string[] pair = word.Split('=', 2);
            arguments[pair[0]] = pair.Length == 2 ? pair[1] : null;
        }
        var changes = new BuildChanges { Arguments = arguments, NoCache = call.Get(s_noCache), Pull = call.Get(s_pull), Memory = call.Get(s_memory), Check = call.Get(s_check), Ssh = call.Get(s_ssh) };
        var built = await Runner.Create(call, project.Name, project, call.Get(s_quiet)).BuildAsync(call.Words, call.Get(s_deps), changes, call.Cancelled).ConfigureAwait(false);
        if (built.Count == 0) call.Error.WriteLine("No services to build");
        if (!call.Get(s_push) || call.Get(s_check)) return 0;
        int code = 0;
        foreach (string service in built.Where(b => project.Services[b].Tree["image"] is not null))
            code = Math.Max(code, await call.RunAsync(PushCommand.Command, [project.Services[service].Image]).ConfigureAwait(false));
        return code;
    }
}
