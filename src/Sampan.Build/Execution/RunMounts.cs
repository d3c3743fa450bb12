using System.Globalization;
using System.Text;
using Sampan.Build.Agents;
using Sampan.Build.Clients;
using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Images;
using Sampan.Storage.Building;

namespace Sampan.Build.Execution;

/// <summary>
/// What a RUN step has mounted. Read first, for the cache's key: what a bind mount shows counts by its content, a cache and a secret only by name.
/// Prepared only if the step runs. Gone with the step.
/// </summary>
internal sealed class RunMounts : IAsyncDisposable
{
    /// <summary>Where a script of the Dockerfile lies that names its own interpreter.</summary>
    internal const string ScriptPath = "/dev/.sampan-run";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly Instruction.Run _run;
    private readonly BuildRun _build;
    private readonly List<(RunMount Mount, SourceEntry? Source)> _mounts = [];
    private readonly List<MountSpec> _specs = [];
    private readonly List<string> _environment = [];
    private readonly List<string> _directories = [];
    private readonly List<IDisposable> _held = [];
    private readonly List<AgentSocket> _agents = [];

    private RunMounts(Instruction.Run run, BuildRun build)
    {
        _run = run;
        _build = build;
    }

    /// <summary>What the cache's key has of them.</summary>
    internal IReadOnlyList<string> Keys { get; private set; } = [];

    /// <summary>The same for people, by the files that bind mounts show.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Describe() => _mounts.SelectMany(mounted =>
    {
        var options = string.Join(',', mounted.Mount.Options.OrderBy(option => option.Key, StringComparer.Ordinal).Select(option => $"{option.Key}={option.Value}"));
        var files = mounted.Source is null || mounted.Mount.Kind == "cache" ? [] : SourceTree.Describe(mounted.Source);
        return files.Select(file => KeyValuePair.Create($"file {Path.Combine(mounted.Mount.Target ?? "", file.Path)}", file.Look)).Prepend(KeyValuePair.Create($"mount {mounted.Mount.Target ?? mounted.Mount["id"] ?? mounted.Mount.Kind}", options));
    });

    /// <summary>For the container; after <see cref="PrepareAsync"/>.</summary>
    internal IReadOnlyList<MountSpec> Specs => _specs;

    /// <summary>Secrets that are variables, and where the first agent is.</summary>
    internal IReadOnlyList<string> Environment => _environment;

    /// <summary>Where something is mounted.</summary>
    internal IEnumerable<string> Targets => _specs.Select(spec => spec.Target);

    /// <summary>Reads the instruction's mounts and finds what they show.</summary>
    internal static async Task<RunMounts> ReadAsync(Instruction.Run run, BuildRun build, Stage stage, Func<string, SourcePlace, string> expand, StageState state)
    {
        var mounts = new RunMounts(run, build);
        var keys = new List<string>();
        foreach (var text in run.Mounts)
        {
            var mount = RunMount.Parse(text, expand, path => Path.GetFullPath(path, state.Config.WorkingDir is { Length: > 0 } now ? now : "/"), run.Place);
            SourceEntry? source = null;
            if (mount.Kind == "bind" || mount["from"] is not null)
            {
                var from = await Origin.FindAsync(build, stage, mount["from"], run.Place, mount["from"]);
                source = from.Find(mount["source"] ?? "/", build.Stopped) ?? throw new DockerfileException($"failed to find '{mount["source"]}' for a mount{(mount["from"] is { } of ? $" in '{of}'" : "")}: not found", run.Place) { Word = text };
            }
            keys.Add(mount.Kind);
            keys.Add(mount.Target ?? "");
            keys.AddRange(mount.Options.Where(option => option.Key is not ("from" or "source" or "target")).OrderBy(option => option.Key, StringComparer.Ordinal).Select(option => $"{option.Key}={option.Value}"));
            keys.Add(source is null || mount.Kind == "cache" ? "" : Convert.ToHexStringLower(SourceTree.Checksum(source)));
            mounts._mounts.Add((mount, source));
        }
        mounts.Keys = keys;
        return mounts;
    }

    /// <summary>Makes what is to be mounted.</summary>
    internal async Task PrepareAsync(string? script, CancellationToken ct)
    {
        foreach (var (mount, source) in _mounts)
        {
            switch (mount.Kind)
            {
                case "bind":
                    Bind(mount.Target ?? "", source ?? SourceTree.Empty().Root, _build.Engine.Steps.DataDirectory, CopyLooks.AsTheyAre, isReadOnly: !mount.Flag("rw", _run.Place) && mount["ro"]?.ToLowerInvariant() is not ("false" or "0"), ct);
                    break;
                case "cache":
                    await CacheAsync(mount, source, ct);
                    break;
                case "tmpfs":
                    _specs.Add(new MountSpec { Kind = MountKind.Tmpfs, Target = mount.Target ?? "", TmpfsSize = mount.Size(_run.Place) });
                    break;
                case "secret":
                    await SecretAsync(mount, ct);
                    break;
                default:
                    await AgentAsync(mount, ct);
                    break;
            }
        }
        if (script is not null)
        {
            var file = SourceTree.Of(("run", Encoding.UTF8.GetBytes(script), OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute, null));
            Bind(ScriptPath, SourceTree.List(file.Root).Single(), _build.Engine.Steps.DataDirectory, CopyLooks.AsTheyAre, isReadOnly: true, ct);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
            await agent.DisposeAsync();
        foreach (var held in _held)
            held.Dispose();
        foreach (var directory in _directories)
            Directory.Delete(directory, recursive: true);
    }

    private async Task CacheAsync(RunMount mount, SourceEntry? source, CancellationToken ct)
    {
        var owner = (mount.Number("uid", 10, _run.Place) ?? 0, mount.Number("gid", 10, _run.Place) ?? 0);
        var mode = (UnixFileMode)(mount.Number("mode", 8, _run.Place) ?? 0x1ed);
        var looks = source is null ? new CopyLooks { Owner = owner, Mode = (_, _) => mode } : CopyLooks.AsTheyAre;
        var id = mount["id"] ?? mount.Target ?? "";
        if (_build.Request.Arguments.GetValueOrDefault("BUILDKIT_CACHE_MOUNT_NS") is { Length: > 0 } space)
            id = $"{space}/{id}";
        var use = await _build.CacheMounts.TakeAsync(
            id, mount["sharing"] ?? "shared", () => Task.FromResult(_build.FindMount(id) is { } brought ? (brought, CopyLooks.AsTheyAre) : (source ?? SourceTree.Empty().Root, looks)), ct);
        _build.Export.AddMount(id);
        _held.Add(use);
        _specs.Add(new MountSpec { Kind = MountKind.Bind, IsOwn = true, Source = use.Directory, Target = mount.Target ?? "", ReadOnly = mount.Flag("ro", _run.Place) });
    }

    // Nothing is mounted if the client has no such agent, unless the step cannot do without.
    private async Task AgentAsync(RunMount mount, CancellationToken ct)
    {
        var id = mount["id"] ?? "default";
        if (!await _build.Agents.HasAsync(id, ct))
        {
            if (mount.Flag("required", _run.Place))
                throw new DockerfileException($"no SSH key \"{id}\" forwarded from the client: start the build with --ssh {id}", _run.Place);
            return;
        }
        var owner = (mount.Number("uid", 10, _run.Place) ?? 0, mount.Number("gid", 10, _run.Place) ?? 0);
        var target = mount.Target ?? string.Create(CultureInfo.InvariantCulture, $"/run/buildkit/ssh_agent.{_agents.Count}");
        var agent = AgentSocket.Open(_build.Agents, id, _build.Engine.Steps.ExecDirectory, owner, (UnixFileMode)(mount.Number("mode", 8, _run.Place) ?? 0x180));
        _agents.Add(agent);
        if (_agents.Count == 1)
            _environment.Add($"SSH_AUTH_SOCK={target}");
        _specs.Add(new MountSpec { Kind = MountKind.Bind, IsOwn = true, Source = agent.Path, Target = target });
    }

    // On a tmpfs, under a random name, for as long as the step runs.
    private async Task SecretAsync(RunMount mount, CancellationToken ct)
    {
        var id = mount["id"] ?? mount["source"] ?? Path.GetFileName(mount.Target);
        if (string.IsNullOrEmpty(id) || mount.Target is null && Path.GetFileName(id) is "" or "." or "..")
            throw new DockerfileException("invalid mount: one of source, target required", _run.Place);
        if (await ClientSecrets.FindAsync(_build.Request, id, ct) is not { } value)
        {
            if (mount.Flag("required", _run.Place))
                throw new DockerfileException($"secret {id}: not found", _run.Place);
            return;
        }
        if (mount["env"] is { } variable)
        {
            _environment.Add($"{variable}={Encoding.UTF8.GetString(value)}");
            if (mount.Target is null)
                return;
        }
        var mode = (UnixFileMode)(mount.Number("mode", 8, _run.Place) ?? 0x100);
        var looks = new CopyLooks { Owner = (mount.Number("uid", 10, _run.Place) ?? 0, mount.Number("gid", 10, _run.Place) ?? 0) };
        var file = SourceTree.Of(("secret", value, mode, null));
        // As BuildKit: an id may have slashes, the file has its last name.
        Bind(mount.Target ?? "/run/secrets/" + Path.GetFileName(id), SourceTree.List(file.Root).Single(), _build.Engine.Steps.ExecDirectory, looks, isReadOnly: true, ct);
    }

    private void Bind(string target, SourceEntry source, string below, CopyLooks looks, bool isReadOnly, CancellationToken ct)
    {
        var parent = Directory.CreateDirectory(Path.Combine(below, "run"), OwnerOnly).FullName;
        var outer = Directory.CreateDirectory(Path.Combine(parent, Path.GetRandomFileName()), OwnerOnly).FullName;
        _directories.Add(outer);
        // The one that is mounted is inside: what its own permissions let others read, the outer one hides.
        var directory = Directory.CreateDirectory(Path.Combine(outer, "files")).FullName;
        StepOperations.Unpack(source, directory, looks, ct);
        _specs.Add(new MountSpec
        {
            Kind = MountKind.Bind,
            IsOwn = true,
            Source = source.Kind == SourceKind.Directory ? directory : Path.Combine(directory, source.Name),
            Target = target,
            ReadOnly = isReadOnly,
        });
    }
}
