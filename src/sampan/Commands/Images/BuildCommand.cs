using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands.Images.Agents;
using Sampan.Cli.Output;
using Sampan.Cli.Registries;
using Sampan.Cli.Requests;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Images;
using Sampan.Linux.Io;

namespace Sampan.Cli.Commands.Images;

/// <summary>build: sends a directory and prints what the engine tells; builder prune.</summary>
internal static class BuildCommand
{
    private const int MaxSecretBytes = 16 * 1024;

    private static readonly Option<IReadOnlyList<string>> s_tag = Option.List("tag", 't', "list", "Name and optionally a tag of the image (name:tag)");
    private static readonly Option<string> s_file = new("file", 'f', "string", "The Dockerfile (default: PATH/Dockerfile; - reads stdin)", "", static (_, t) => t) { Completes = Candidates.Files };
    private static readonly Option<IReadOnlyList<string>> s_argument = Option.List("build-arg", null, "list", "Set an ARG (name=value; a name alone takes the value of the environment)");
    private static readonly Option<IReadOnlyList<string>> s_label = Option.List("label", null, "list", "Set a label of the image");
    private static readonly Option<IReadOnlyList<string>> s_annotation = Option.List("annotation", null, "list", "Add a note to the image's manifest ([manifest:]key=value)");
    private static readonly Option<string> s_target = Option.Text("target", null, "string", "The stage to build");
    private static readonly Option<bool> s_noCache = Option.Flag("no-cache", null, "Run every step");
    private static readonly Option<IReadOnlyList<string>> s_noCacheFilter = Option.List("no-cache-filter", null, "list", "Run every step of these stages");
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
    private static readonly Option<IReadOnlyList<string>> s_output = Option.List("output", 'o', "list", "Write the result: DIR, - or type=local|tar|oci|docker|image|registry[,dest=…][,name=…]");
    private static readonly Option<bool> s_push = Option.Flag("push", null, "Push the image to its names");
    private static readonly Option<bool> s_load = Option.Flag("load", null, "Keep the image in the engine (it always is)");
    private static readonly Option<string> s_metadata = new("metadata-file", null, "string", "Write what came of the build to this file, as JSON", "", static (_, t) => t) { Completes = Candidates.Files };
    private static readonly Option<IReadOnlyList<string>> s_context = Option.List("build-context", null, "list", "A further context (name=DIR, URL or docker-image://IMAGE)");
    private static readonly Option<IReadOnlyList<string>> s_cacheFrom = Option.List("cache-from", null, "list", "Where steps may come from (IMAGE, type=registry,ref=…, type=local,src=DIR)");
    private static readonly Option<IReadOnlyList<string>> s_cacheTo = Option.List("cache-to", null, "list", "Where the cache goes (type=inline, type=registry,ref=…, type=local,dest=DIR[,mode=min])");
    private static readonly Option<IReadOnlyList<string>> s_allow = Option.List("allow", null, "list", "Grant network.host, security.insecure or device");
    private static readonly Option<bool> s_check = Option.Flag("check", null, "Check the Dockerfile, build nothing");
    private static readonly Option<bool> s_squash = Option.Flag("squash", null, "Make one layer of those of this build");
    private static readonly Option<IReadOnlyList<string>> s_ssh = Option.List("ssh", null, "list", "An SSH agent or keys for RUN --mount=type=ssh and git (default, or id=socket, or id=key[,key])");
    private static readonly Option<string> s_call = Option.Text("call", null, "string", "build or check", "build");
    private static readonly Option<bool> s_rm = Option.Flag("rm", null, "Remove intermediate containers (they always are)", initial: true);
    private static readonly Option<bool> s_forceRm = Option.Flag("force-rm", null, "Remove intermediate containers (they always are)");
    private static readonly Option<bool> s_compress = Option.Flag("compress", null, "Accepted; the context goes over a local socket");
    private static readonly Option<string> s_isolation = Option.Text("isolation", null, "string", "Container isolation technology (Linux has but default)", "default");
    private static readonly Option<long?> s_maxUsed = Option.Bytes("max-used-space", null, "Remove until no more than this is used");
    private static readonly Option<long?> s_minFree = Option.Bytes("min-free-space", null, "Remove until this is free on the disk");
    private static readonly Option<long?> s_reserved = Option.Bytes("reserved-space", null, "Keep this much in any case");
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
            s_allow, s_annotation, s_argument, s_cacheFrom, s_cacheTo, s_call, s_check, s_compress, s_context, s_explain, s_file, s_forceRm, s_host, s_idFile, s_isolation, s_label, s_load, s_memory, s_metadata,
            s_network, s_noCache, s_noCacheFilter, s_output, s_platform, s_progress, s_pull, s_push, s_quiet, s_rm, s_secret, s_shell, s_shm, s_squash, s_ssh, s_tag, s_target,
            CreateOptions.CgroupParent, CreateOptions.CpuPeriod, CreateOptions.CpuQuota, CreateOptions.CpuShares, CreateOptions.CpusetCpus, CreateOptions.CpusetMems, CreateOptions.DisableContentTrust, CreateOptions.MemorySwap, CreateOptions.SecurityOpt, CreateOptions.Ulimit,
            Option.Refused("builder", null, "string", "", "the engine has one builder; --host or --context names another engine"),
            Option.Refused("attest", null, "list", "", "attestations are not supported by this builder"),
            Option.Refused("provenance", null, "string", "", "attestations are not supported by this builder"),
            Option.Refused("sbom", null, "string", "", "attestations are not supported by this builder"),
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
        Options = [s_all, s_filter, s_yes, s_keep, s_maxUsed, s_minFree, s_reserved],
        Run = PruneAsync,
    };

    private static async Task<int> BuildAsync(Invocation call)
    {
        string source = call.Words[0];
        bool isRemote = source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal) || source.StartsWith("git://", StringComparison.Ordinal)
            || source.StartsWith("git@", StringComparison.Ordinal) || source.StartsWith("ssh://", StringComparison.Ordinal) || source.StartsWith("github.com/", StringComparison.Ordinal) && !Directory.Exists(source);
        var context = isRemote ? null : source == "-" ? BuildContext.OfInput(call.Io.In) : BuildContext.OfDirectory(source, call.Given(s_file), call.Io.In);
        string progress = call.Get(s_progress);
        if (progress is not ("auto" or "plain" or "tty" or "json" or "rawjson" or "quiet")) throw new CommandException($"invalid progress mode '{progress}': expected auto, plain, tty, json or quiet");
        if (!call.Get(s_rm)) throw new CommandException("--rm=false is not supported: intermediate containers are always removed; --shell-on-error looks into what failed");
        if (call.Get(s_isolation) is not ("" or "default")) throw new CommandException($"--isolation '{call.Get(s_isolation)}' is not supported: Linux has but default");
        string verb = call.Get(s_call);
        if (verb is not ("build" or "check" or "lint")) throw new CommandException($"call '{verb}' is not supported: expected build or check");
        if (call.Given(s_platform)?.Contains(',') == true) throw new CommandException("--platform: an image for several platforms is not built at once: build each under a name of its own");
        var outputs = BuildOutputs.Parse(call.Get(s_output), call.Get(s_push));
        var (contexts, directories) = Contexts(call.Get(s_context).Select(ContextPair));
        if (directories.Count > 0 && context is not { IsArchive: false }) throw new CommandException("--build-context with a directory needs a context that is a directory itself, or a Dockerfile on standard input");
        var caches = await BuildCaches.ReadAsync(call, call.Get(s_cacheFrom), call.Get(s_cacheTo)).ConfigureAwait(false);
        var ssh = SshForwarding.Parse(call.Get(s_ssh), Environment.GetEnvironmentVariable);
        await using var forwarding = ssh.ConfigureAwait(false);
        await ssh.OpenAsync(call.Client, call.Cancelled).ConfigureAwait(false);
        var options = new BuildOptions
        {
            Dockerfile = isRemote ? call.Given(s_file) : context?.Dockerfile,
            Remote = isRemote ? source : null,
            Tags = [.. call.Get(s_tag).Concat(outputs.Names).Distinct(StringComparer.Ordinal)],
            Arguments = Pairs(call.Get(s_argument), fromEnvironment: true),
            Labels = Pairs(call.Get(s_label), fromEnvironment: false),
            Target = call.Given(s_target),
            NoCache = call.Get(s_noCache),
            NoCacheStages = [.. call.Get(s_noCacheFilter).SelectMany(static names => names.Split(',', StringSplitOptions.RemoveEmptyEntries))],
            Pull = call.Get(s_pull),
            Quiet = call.Get(s_quiet),
            Network = call.Given(s_network),
            ExtraHosts = call.Get(s_host),
            Memory = call.Get(s_memory),
            MemorySwap = call.Get(CreateOptions.MemorySwap),
            CpuShares = call.Get(CreateOptions.CpuShares),
            CpuPeriod = call.Get(CreateOptions.CpuPeriod),
            CpuQuota = call.Get(CreateOptions.CpuQuota),
            CpusetCpus = call.Given(CreateOptions.CpusetCpus),
            CpusetMems = call.Given(CreateOptions.CpusetMems),
            CgroupParent = call.Given(CreateOptions.CgroupParent),
            Ulimits = Ulimits(call.Get(CreateOptions.Ulimit)),
            SecurityOptions = call.Get(CreateOptions.SecurityOpt),
            Squash = call.Get(s_squash),
            Annotations = Annotations(call.Get(s_annotation)),
            ShmSize = call.Get(s_shm),
            Platform = call.Given(s_platform),
            RegistryConfig = RegistryAuth.ForAll(call),
            Secrets = Secrets(call.Get(s_secret)),
            SshAgents = ssh.Ids,
            AgentSession = ssh.Session,
            CacheFrom = caches.From,
            CacheTo = caches.To,
            InlineCache = caches.IsInline,
            Contexts = contexts,
            Allow = call.Get(s_allow),
            Check = call.Get(s_check) || verb != "build",
        };
        var screen = outputs.UsesStdout ? call.Error : call.Out;
        var outcome = new BuildOutcome();
        bool isWhole = false;
        try
        {
            if (context is null) await PrintAsync(call, null, options, progress, outcome, screen).ConfigureAwait(false);
            else await context.With(directories).SendAsync(call.Client, call.Time, (tar, offer) => PrintAsync(call, tar, options with { KnownContext = offer }, progress, outcome, screen), call.Cancelled).ConfigureAwait(false);
            isWhole = true;
        }
        catch (CommandException failed) when (outcome.Failed is { } state && call.Get(s_shell))
        {
            call.Io.Flush();
            call.Error.WriteLine(failed.Message);
            await FailedShell.OpenAsync(call, state).ConfigureAwait(false);
            return failed.ExitCode;
        }
        catch (DockerApiException lost) when (lost.IsCutOff)
        {
            throw new CommandException($"{lost.Message}: run the build again when it is back, steps that are done come from the cache");
        }
        finally
        {
            await caches.EndAsync(call, isWhole).ConfigureAwait(false);
        }
        if (options.Check) return 0;
        string id = outcome.ImageId ?? throw new CommandException("the engine ended the build without an image ID");
        await outputs.WriteAsync(call, id, options.Tags, call.Get(s_push)).ConfigureAwait(false);
        if (call.Given(s_idFile) is { } file) await OutputFile.WriteAsync(file, target => target.WriteAsync(Encoding.UTF8.GetBytes(id), call.Cancelled).AsTask()).ConfigureAwait(false);
        if (call.Given(s_metadata) is { } metadata) await OutputFile.WriteAsync(metadata, target => target.WriteAsync(Metadata(outcome, id, options.Tags), call.Cancelled).AsTask()).ConfigureAwait(false);
        return 0;
    }

    private static byte[] Metadata(BuildOutcome outcome, string id, IReadOnlyList<string> names)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            if (outcome.BuildId is { } build) writer.WriteString("buildx.build.ref", build);
            writer.WriteString("containerimage.config.digest", id);
            writer.WriteString("containerimage.digest", id);
            if (names.Count > 0) writer.WriteString("image.name", string.Join(',', names.Select(name => RegistryName.Full(ImageName.WithTag(name)))));
            writer.WriteEndObject();
        }
        return json.ToArray();
    }

    // "[TYPE[,TYPE]:]KEY=VALUE", as buildx has it: of the types there is but one, for an image of one platform has no index. As there, no type is that one.
    private static Dictionary<string, string> Annotations(IReadOnlyList<string> words)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string word in words)
        {
            int equals = word.IndexOf('=');
            string key = equals > 0 ? word[..equals] : throw new CommandException($"invalid annotation '{word}': expected key=value");
            int colon = key.IndexOf(':');
            if (colon >= 0)
            {
                foreach (string type in key[..colon].Split(','))
                {
                    string kind = type.Split('[')[0];
                    if (kind is "index" or "index-descriptor" or "manifest-descriptor") throw new CommandException($"annotation '{word}': {kind} annotations are not supported for a single platform: its image has a manifest and no index that could have them; give manifest:KEY=VALUE");
                    if (kind != "manifest") throw new CommandException($"annotation '{word}': unknown type '{type}': expected manifest");
                    if (type != "manifest") throw new CommandException($"annotation '{word}': there is but one platform to choose: give manifest:KEY=VALUE");
                }
                key = key[(colon + 1)..];
            }
            if (key.Length == 0) throw new CommandException($"invalid annotation '{word}': the key is empty");
            annotations[key] = word[(equals + 1)..];
        }
        return annotations;
    }

    private static List<DockerApi.Containers.Ulimit> Ulimits(IReadOnlyList<string> words)
    {
        try
        {
            return [.. words.Select(HostConfigBuilder.Ulimit)];
        }
        catch (FormatException wrong)
        {
            throw new CommandException(wrong.Message);
        }
    }

    private static KeyValuePair<string, string> ContextPair(string word)
    {
        int equals = word.IndexOf('=');
        return equals > 0 ? new(word[..equals], word[(equals + 1)..]) : throw new CommandException($"invalid build context '{word}': expected name=value");
    }

    /// <summary>Further contexts as the engine is told of them: what is on this machine is sent along, below a number.</summary>
    internal static (Dictionary<string, string> Contexts, List<(string Name, string Directory)> Directories) Contexts(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var contexts = new Dictionary<string, string>(StringComparer.Ordinal);
        var directories = new List<(string, string)>();
        foreach (var (name, value) in pairs)
        {
            if (value.StartsWith("oci-layout://", StringComparison.Ordinal)) throw new CommandException($"build context '{name}': OCI layouts are not supported: load the image, and give docker-image://NAME");
            if (value.Contains("://", StringComparison.Ordinal) || value.StartsWith("git@", StringComparison.Ordinal))
            {
                contexts[name] = value;
                continue;
            }
            if (!Directory.Exists(value)) throw new CommandException($"build context '{name}': directory '{value}' is not there");
            string number = directories.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
            contexts[name] = "dir:" + number;
            directories.Add((number, value));
        }
        return (contexts, directories);
    }

    private static async Task PrintAsync(Invocation call, Stream? tar, BuildOptions options, string progress, BuildOutcome outcome, TextWriter output)
    {
        bool isQuiet = options.Quiet || progress == "quiet";
        var messages = outcome.WatchAsync(await call.Client.BuildImageAsync(tar, options with { Quiet = isQuiet, Steps = !isQuiet, KeepFailed = call.Get(s_shell) }, call.Cancelled).ConfigureAwait(false));
        bool isTerminal = progress == "tty" || progress == "auto" && (output == call.Out ? StandardIo.OutIsTerminal : StandardIo.ErrorIsTerminal);
        using var screen = new BuildScreen(output, call.Time, isTerminal, isTerminal ? () => TerminalMode.Size(1) ?? (24, 80) : () => (24, 80));
        try
        {
            if (isQuiet) await PrintQuietAsync(messages, output, call.Error).ConfigureAwait(false);
            else if (progress is "json" or "rawjson") await PrintJsonAsync(messages, output).ConfigureAwait(false);
            else await screen.ShowAsync(messages).ConfigureAwait(false);
        }
        finally
        {
            if (call.Get(s_explain)) outcome.Explain(isQuiet || progress is "json" or "rawjson" ? call.Error : output);
        }
    }

    // The image's id alone; if there is none, all that was said, where errors go.
    private static async Task PrintQuietAsync(IAsyncEnumerable<ProgressMessage> messages, TextWriter output, TextWriter errors)
    {
        var said = new StringBuilder();
        try
        {
            await foreach (var message in messages.ConfigureAwait(false)) said.Append(message.Stream);
        }
        catch (CommandException)
        {
            errors.Write(said);
            throw;
        }
        output.Write(said);
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
        if (!call.Get(s_yes) && !call.Confirm(warning)) return 0;
        var report = await call.Client.PruneBuildsAsync(call.Get(s_all), call.Get(s_reserved) ?? call.Get(s_keep), FilterOption.Read(call, s_filter), call.Get(s_maxUsed), call.Get(s_minFree), call.Cancelled).ConfigureAwait(false);
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
