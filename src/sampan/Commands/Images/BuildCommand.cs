using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Registries;
using Sampan.DockerApi;
using Sampan.DockerApi.Images;
using Sampan.Linux.Io;

namespace Sampan.Cli.Commands.Images;

/// <summary>build: sends a directory and prints what the engine tells; builder prune.</summary>
internal static class BuildCommand
{
    private const int MaxSecretBytes = 16 * 1024;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly Option<IReadOnlyList<string>> s_tag = Option.List("tag", 't', "list", "Name and optionally a tag of the image (name:tag)");
    private static readonly Option<string> s_file = new("file", 'f', "string", "The Dockerfile (default: PATH/Dockerfile; - reads stdin)", "", static (_, t) => t) { Completes = Candidates.Files };
    private static readonly Option<IReadOnlyList<string>> s_argument = Option.List("build-arg", null, "list", "Set an ARG (name=value; a name alone takes the value of the environment)");
    private static readonly Option<IReadOnlyList<string>> s_label = Option.List("label", null, "list", "Set a label of the image");
    private static readonly Option<string> s_target = Option.Text("target", null, "string", "The stage to build");
    private static readonly Option<bool> s_noCache = Option.Flag("no-cache", null, "Run every step");
    private static readonly Option<bool> s_pull = Option.Flag("pull", null, "Ask registries for newer base images");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Print only the image's id");
    private static readonly Option<string> s_network = Option.Text("network", null, "string", "The network of RUN steps");
    private static readonly Option<IReadOnlyList<string>> s_host = Option.List("add-host", null, "list", "Add a host-to-IP mapping for RUN steps (host:ip)");
    private static readonly Option<long?> s_memory = Option.Bytes("memory", 'm', "Memory limit of each RUN step");
    private static readonly Option<long?> s_shm = Option.Bytes("shm-size", null, "Size of /dev/shm in RUN steps");
    private static readonly Option<string> s_platform = Option.Text("platform", null, "string", "What the image is for (os[/arch[/variant]])");
    private static readonly Option<string> s_idFile = new("iidfile", null, "string", "Write the image's id to this file", "", static (_, t) => t) { Completes = Candidates.Files };
    private static readonly Option<IReadOnlyList<string>> s_secret = Option.List("secret", null, "list", "A secret for RUN --mount=type=secret (id=name[,src=file][,env=variable])");
    private static readonly Option<string> s_progress = Option.Text("progress", null, "string", "How progress is printed: auto, plain, tty, json (rawjson), quiet", "auto");
    private static readonly Option<bool> s_explain = Option.Flag("explain", null, "Say of each step that ran why it did: what changed since which build");
    private static readonly Option<bool> s_shell = Option.Flag("shell-on-error", null, "Open a shell in the state of a command that failed");
    private static readonly Option<bool> s_all = Option.Flag("all", 'a', "Remove also what images have");
    private static readonly Option<bool> s_yes = Option.Flag("force", 'f', "Don't ask");
    private static readonly Option<IReadOnlyList<string>> s_filter = FilterOption.New("Remove only what matches (until=…, id=…, type=…)", letter: false);
    private static readonly Option<long?> s_keep = Option.Bytes("keep-storage", null, "Keep this much");

    public static Command Command { get; } = new()
    {
        Name = "build",
        Summary = "Build an image from a Dockerfile",
        Aliases = ["image build", "build", "builder build"],
        Arguments = "PATH | URL | -",
        MinWords = 1,
        MaxWords = 1,
        Options =
        [
            s_host, s_argument, s_explain, s_file, s_idFile, s_label, s_memory, s_network, s_noCache, s_platform, s_progress, s_pull, s_quiet, s_secret, s_shell, s_shm, s_tag, s_target,
            Option.Refused("ssh", null, "list", "", "forwarding an SSH agent is not supported by this builder"),
            Option.Refused("output", 'o', "list", "", "outputs other than an image are not supported by this builder: build it, then use save or cp"),
        ],
        Completes = Candidates.Files,
        Subcommands = [PastBuildCommands.History, PastBuildCommands.Inspect, PastBuildCommands.Logs],
        Run = BuildAsync,
    };

    public static Command Prune { get; } = new()
    {
        Name = "prune",
        Summary = "Remove the build cache",
        Aliases = ["builder prune"],
        MaxWords = 0,
        Options = [s_all, s_filter, s_yes, s_keep],
        Run = PruneAsync,
    };

    private static async Task<int> BuildAsync(Invocation call)
    {
        string source = call.Words[0];
        bool isRemote = source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal);
        var context = isRemote ? null : source == "-" ? BuildContext.OfInput(call.Io.In) : BuildContext.OfDirectory(source, call.Given(s_file), call.Io.In);
        var options = new BuildOptions
        {
            Dockerfile = isRemote ? call.Given(s_file) : context?.Dockerfile,
            Remote = isRemote ? source : null,
            Tags = call.Get(s_tag),
            Arguments = Pairs(call.Get(s_argument), fromEnvironment: true),
            Labels = Pairs(call.Get(s_label), fromEnvironment: false),
            Target = call.Given(s_target),
            NoCache = call.Get(s_noCache),
            Pull = call.Get(s_pull),
            Quiet = call.Get(s_quiet),
            Network = call.Given(s_network),
            ExtraHosts = call.Get(s_host),
            Memory = call.Get(s_memory),
            ShmSize = call.Get(s_shm),
            Platform = call.Given(s_platform),
            RegistryConfig = RegistryAuth.ForAll(call),
            Secrets = Secrets(call.Get(s_secret)),
        };
        string progress = call.Get(s_progress);
        if (progress is not ("auto" or "plain" or "tty" or "json" or "rawjson" or "quiet")) throw new CommandException($"invalid progress mode '{progress}': expected auto, plain, tty, json or quiet");
        var outcome = new BuildOutcome();
        try
        {
            if (context is null) await PrintAsync(call, null, options, progress, outcome).ConfigureAwait(false);
            else await context.SendAsync(tar => PrintAsync(call, tar, options, progress, outcome), call.Cancelled).ConfigureAwait(false);
        }
        catch (CommandException failed) when (outcome.Failed is { } state && call.Get(s_shell))
        {
            call.Io.Flush();
            call.Error.WriteLine(failed.Message);
            await FailedShell.OpenAsync(call, state).ConfigureAwait(false);
            return failed.ExitCode;
        }
        if (call.Given(s_idFile) is { } file) AtomicFile.Write(file, outcome.ImageId ?? throw new CommandException("the engine ended the build without an image ID"), Readable, durable: false);
        return 0;
    }

    private static async Task PrintAsync(Invocation call, Stream? tar, BuildOptions options, string progress, BuildOutcome outcome)
    {
        bool isQuiet = options.Quiet || progress == "quiet";
        var messages = outcome.WatchAsync(await call.Client.BuildImageAsync(tar, options with { Quiet = isQuiet, Steps = !isQuiet, KeepFailed = call.Get(s_shell) }, call.Cancelled).ConfigureAwait(false));
        bool isTerminal = progress == "tty" || progress == "auto" && StandardIo.OutIsTerminal;
        using var screen = new BuildScreen(call.Out, call.Time, isTerminal, isTerminal ? () => TerminalMode.Size(1) ?? (24, 80) : () => (24, 80));
        try
        {
            if (isQuiet) await ProgressPrinter.PrintAsync(messages, call.Out, terminal: false).ConfigureAwait(false);
            else if (progress is "json" or "rawjson") await PrintJsonAsync(messages, call.Out).ConfigureAwait(false);
            else await screen.ShowAsync(messages).ConfigureAwait(false);
        }
        finally
        {
            if (call.Get(s_explain)) outcome.Explain(isQuiet || progress is "json" or "rawjson" ? call.Error : call.Out);
        }
    }

    private static async Task PrintJsonAsync(IAsyncEnumerable<ProgressMessage> messages, TextWriter output)
    {
        await foreach (var message in messages.ConfigureAwait(false)) output.WriteLine(JsonSerializer.Serialize(message, DockerApiJson.Wire.ProgressMessage));
    }

    private static Dictionary<string, string> Pairs(IReadOnlyList<string> words, bool fromEnvironment)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string word in words)
        {
            int equals = word.IndexOf('=');
            if (equals > 0) pairs[word[..equals]] = word[(equals + 1)..];
            else if (equals == 0) throw new CommandException($"invalid pair '{word}': expected name=value");
            else if (!fromEnvironment) pairs[word] = "";
            else if (Environment.GetEnvironmentVariable(word) is { } value) pairs[word] = value;
        }
        return pairs;
    }

    private static string? Secrets(IReadOnlyList<string> words)
    {
        if (words.Count == 0) return null;
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        int bytes = 0;
        foreach (string word in words)
        {
            string? id = null, file = null, variable = null;
            foreach (string part in word.Split(','))
            {
                int equals = part.IndexOf('=');
                string value = equals < 0 ? throw new CommandException($"invalid field '{part}' of a secret: expected key=value") : part[(equals + 1)..];
                switch (part[..equals])
                {
                    case "id": id = value; break;
                    case "src" or "source": file = value; break;
                    case "env": variable = value; break;
                    case "type" when value is "file" or "env": break;
                    default: throw new CommandException($"unexpected key '{part[..equals]}' of a secret: expected id, src or env");
                }
            }
            id ??= file ?? variable ?? throw new CommandException("a secret needs an id");
            byte[] content = file is not null ? File.ReadAllBytes(file) : Environment.GetEnvironmentVariable(variable ?? id) is { } text ? Encoding.UTF8.GetBytes(text)
                : File.Exists(id) ? File.ReadAllBytes(id) : throw new CommandException($"secret '{id}': neither a file nor a variable of that name is there");
            bytes += content.Length;
            secrets[id] = Convert.ToBase64String(content);
        }
        if (bytes > MaxSecretBytes) throw new CommandException($"the secrets have {bytes} bytes together, more than the {MaxSecretBytes} that can be sent");
        return Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(secrets, DockerApiJson.Wire.StringMap));
    }

    private static async Task<int> PruneAsync(Invocation call)
    {
        string warning = call.Get(s_all) ? "WARNING! This will remove all build cache." : "WARNING! This will remove the build cache that no image shares.";
        if (!call.Get(s_yes) && !call.Confirm(warning)) throw new CommandException("builder prune has been cancelled");
        var report = await call.Client.PruneBuildsAsync(call.Get(s_all), call.Get(s_keep), FilterOption.Read(call, s_filter), call.Cancelled).ConfigureAwait(false);
        if (report.CachesDeleted is { Count: > 0 } deleted)
        {
            call.Out.WriteLine("Deleted build cache objects:");
            foreach (string id in deleted) call.Out.WriteLine(id);
            call.Out.WriteLine();
        }
        call.Out.WriteLine($"Total reclaimed space: {HumanSize.Decimal(report.SpaceReclaimed)}");
        return 0;
    }
}
