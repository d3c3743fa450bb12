using System.Text;
using System.Text.Json;
using Sampan.Build.Agents;
using Sampan.Build.Caching;
using Sampan.Build.Checking;
using Sampan.Build.Execution;
using Sampan.Build.History;
using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Engine.Images;
using Sampan.Oci.Images;
using Sampan.Storage;
using Sampan.Storage.Records;

namespace Sampan.Build;

/// <summary>Builds images of Dockerfiles on an engine, and keeps what their steps gave. Thread-safe.</summary>
public sealed partial class Builder : IAsyncDisposable
{
    private readonly ContainerEngine _engine;
    private readonly BuildCache _cache;
    private readonly CacheMounts _mounts;
    private readonly BuildHistory _history;
    private readonly KeptContexts _contexts;
    private readonly SemaphoreSlim _exporting = new(1, 1);
    private readonly CacheCollector _collector;
    private readonly IReadOnlyList<CachePolicy>? _policies;

    private Builder(ContainerEngine engine, IReadOnlyList<CachePolicy>? policies, Action<Exception> failed)
    {
        _engine = engine;
        _cache = BuildCache.Open(engine.Steps);
        _mounts = new CacheMounts(engine.Steps);
        _history = BuildHistory.Open(engine.Steps.DataDirectory, engine.Steps.Time);
        _contexts = new KeptContexts(engine.Steps.Time, () => Spool);
        _policies = policies;
        _collector = new CacheCollector(() => Collect(Policies), failed);
    }

    /// <summary>Where clients offer their SSH agents.</summary>
    public AgentLines Agents { get; } = new();

    /// <summary>Opens the builder and takes away what builds left that died with an earlier daemon.</summary>
    /// <param name="engine">Runs the containers and keeps the files.</param>
    /// <param name="policies">How the cache is cut back after builds; empty: never; null: as usual.</param>
    /// <param name="failed">Is told why the cache could not be cut back.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<Builder> OpenAsync(ContainerEngine engine, IReadOnlyList<CachePolicy>? policies, Action<Exception> failed, CancellationToken ct)
    {
        foreach (var container in engine.Containers.List().Where(container => container.Spec.Labels.ContainsKey(StageRun.Label) && engine.Steps.Find(container.ImageId, null) is { IsStep: true }))
        {
            try
            {
                await engine.Containers.RemoveAsync(container.Id, new RemoveOptions { Force = true, Volumes = true }, ct);
            }
            catch (Exception refused) when (DiskRefusal.Is(refused))
            {
                // It does not run; the next daemon finds it again.
            }
        }

        foreach (var directory in new[] { Path.Combine(engine.Steps.DataDirectory, "run"), Path.Combine(engine.Steps.DataDirectory, "spool"), Path.Combine(engine.Steps.ExecDirectory, "run") })
        {
            if (Directory.Exists(directory))
                DiskRefusal.TryNow(() => RemovedTrees.Empty(directory));
        }
        return new Builder(engine, policies, failed);
    }

    /// <summary>
    /// Builds: (1) the context, as an index of files (2) the Dockerfile, what the ignore rules leave (3) the plan (4) its stages (5) the image.
    /// </summary>
    /// <param name="request">What.</param>
    /// <param name="progress">Is told what goes on, from many threads, one after the other.</param>
    /// <param name="ct">Gives up; steps that are done stay in the cache.</param>
    /// <returns>The image's id.</returns>
    /// <exception cref="BuildException">There is no image, with the reason.</exception>
    public async Task<string> BuildAsync(BuildRequest request, IProgress<BuildMessage> progress, CancellationToken ct)
    {
        using var journal = _history.Begin(Remembered(request), request.WatchesSteps ? progress : null);
        if (request.WatchesSteps)
            progress.Report(new BuildMessage.Begun(journal.Record.Id));
        try
        {
            var id = await BuildAsync(request, journal, progress, ct);
            journal.Finish(id, BuildStatus.Done, null);
            return id;
        }
        catch (BuildException failure)
        {
            journal.Finish(null, BuildStatus.Failed, failure.Message);
            throw;
        }
        finally
        {
            _collector.Ask();
        }
    }

    private async Task<string> BuildAsync(BuildRequest request, BuildJournal? journal, IProgress<BuildMessage> progress, CancellationToken ct)
    {
        try
        {
            using IBuildAgents agents = request.Client is { } client ? new ClientAgents(client) : Agents.Begin(request.AgentSession ?? "", request.AgentSession is null ? [] : request.SshAgents);
            var acts = new BuildActs(request.Client is null ? null : progress, _engine.Steps.Time);

            // (1), (2)
            using var files = await ReadFilesAsync(request, agents, acts, progress, ct);

            // (3)
            var platforms = PlatformArguments.Of(Platform.Current.Normalize(), (request.Platform ?? Platform.Current).Normalize(), request.Target);
            var plan = PlanOf(request, files.Dockerfile, platforms);

            if (Check(request, plan, platforms, files.Rules, progress, journal is null) || journal is null)
                return "";

            // (4)
            using var build = new BuildRun(_engine, _cache, _mounts, request, plan, files.ContextAsync, platforms, progress, journal, ct) { Named = files.Named, Rules = files.Rules, Agents = agents };
            StageState state;
            try
            {
                state = await build.RunAsync();
            }
            catch (Exception) when (!ct.IsCancellationRequested && request.CacheTargets.Any(target => !target.IsMinimal))
            {
                await ExportAsync(request, build, null, progress, ct);
                throw;
            }

            // (5)
            if (build.Unused() is { Count: > 0 } unused)
                progress.Report(new BuildMessage.Text($"[Warning] One or more build-args [{string.Join(' ', unused)}] were not consumed\n"));
            if (request.Output is { } take)
            {
                await acts.RunAsync("exporting to client", async () =>
                {
                    await take(state.Files, ct);
                    return ("", (IReadOnlyList<BuildMessage.ActPart>)[]);
                });
                await ExportAsync(request, build, null, progress, ct);
                return "";
            }
            var id = await acts.RunAsync("exporting to image", async () =>
            {
                var made = await ComposeAsync(request, state, build, progress, ct);
                return (made, (IReadOnlyList<BuildMessage.ActPart>)[new($"writing image {made}", null), .. request.Tags.Select(tag => new BuildMessage.ActPart($"naming to {tag}", null))]);
            });
            await ExportAsync(request, build, id, progress, ct);
            return id;
        }
        catch (DockerfileException wrong)
        {
            throw BuildException.Invalid(wrong.Message, wrong);
        }
        catch (Storage.StorageException wrong)
        {
            throw BuildException.Invalid(wrong.Message, wrong);
        }
        catch (EngineException failure)
        {
            throw new BuildException(failure.Kind, failure.Message, null, failure);
        }
        catch (InvalidDataException damaged)
        {
            throw BuildException.Invalid($"cannot read the build context: {damaged.Message}", damaged);
        }
        catch (Exception failure) when (failure is not (BuildException or OperationCanceledException))
        {
            // The client reads a stream by now: the reason must come as its last message.
            throw new BuildException(ErrorKind.Internal, $"the build failed: {failure.Message}", null, failure);
        }
    }

    /// <summary>Reads context and Dockerfile and tells what the checks find; nothing is built.</summary>
    /// <exception cref="BuildException">They found something, or the Dockerfile cannot be understood.</exception>
    public Task CheckAsync(BuildRequest request, IProgress<BuildMessage> progress, CancellationToken ct) => BuildAsync(request, null, progress, ct);

    /// <summary>Builds that are remembered, the youngest first.</summary>
    public IReadOnlyList<BuildRecord> ListBuilds() => _history.List();

    /// <summary>A build by its id or the beginning of it.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>: there is none, or several.</exception>
    public BuildRecord FindBuild(string id) => _history.Find(id) ?? throw new EngineException(ErrorKind.NotFound, $"no such build: {id}");

    /// <summary>What a build said.</summary>
    public Stream OpenLog(BuildRecord build) => _history.OpenLog(build);

    /// <summary>Forgets builds that are over.</summary>
    /// <returns>Their ids.</returns>
    public IReadOnlyList<string> RemoveBuilds(Func<BuildRecord, bool> which) => _history.Remove(which);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _collector.DisposeAsync();

    private static BuildPlan PlanOf(BuildRequest request, byte[] dockerfile, IReadOnlyDictionary<string, string> platforms)
    {
        try
        {
            return BuildPlan.Make(DockerfileReader.Read(dockerfile), request.Arguments, platforms, request.Target);
        }
        catch (DockerfileException wrong)
        {
            var lines = DockerfileText.LinesOf(Encoding.UTF8.GetString(dockerfile));
            var exact = wrong.In(lines);
            throw new BuildException(ErrorKind.InvalidArgument, exact.Message, null, wrong) { Excerpt = DockerfileText.Excerpt(lines, request.Dockerfile, exact.Place) };
        }
    }

    // True: there is nothing else to do. The classic client has no place for warnings.
    private bool Check(BuildRequest request, BuildPlan plan, IReadOnlyDictionary<string, string> platforms, IgnoreRules? rules, IProgress<BuildMessage> progress, bool isAll)
    {
        var directive = CheckDirective.Parse(request.Arguments.GetValueOrDefault("BUILDKIT_DOCKERFILE_CHECK") ?? plan.Text.Directives.GetValueOrDefault("check"));
        if (!isAll && !request.WatchesSteps && !directive.IsError)
            return false;
        var found = Checks.Run(plan, platforms, rules, name => _engine.Steps.Find(name, request.Platform) is { IsStep: false } image ? image.Config.Config.Env : null, directive);
        var count = $"{found.Count} warning{(found.Count == 1 ? "" : "s")}";
        if (isAll)
        {
            foreach (var warning in found)
                progress.Report(new BuildMessage.Text($"WARNING: {warning.Rule} - {warning.Url}\n{warning.Message}\n{plan.Text.Excerpt(request.Dockerfile, new SourcePlace(warning.Line, warning.Column, warning.LastLine))}\n"));
            if (found.Count > 0)
                throw new BuildException(ErrorKind.InvalidArgument, $"Check complete, {count} {(found.Count == 1 ? "has" : "have")} been found!", 1);
            progress.Report(new BuildMessage.Text("Check complete, no warnings found.\n"));
            return true;
        }
        if (found.Count > 0)
            progress.Report(new BuildMessage.Text($"\n {count} found (use --check to expand):\n{string.Concat(found.Select(warning => $" - {warning.Rule}: {warning.Message} (line {warning.Line}, column {warning.Column})\n"))}"));
        return found.Count > 0 && directive.IsError ? throw BuildException.Invalid($"lint violation found for rules: {string.Join(", ", found.Select(warning => warning.Rule).Distinct())}") : false;
    }

    // Variables of a proxy may hold a password, and so may an address.
    private BuildRecord Remembered(BuildRequest request) => new()
    {
        Id = Guid.NewGuid().ToString("n"),
        Created = _engine.Steps.Time.GetUtcNow(),
        Dockerfile = request.Dockerfile,
        Remote = request.Remote is { } remote && Uri.TryCreate(remote, UriKind.Absolute, out var address) ? RemoteContext.Shown(address) : request.Remote,
        Target = request.Target,
        Platform = request.Platform?.ToString(),
        Tags = [.. request.Tags.Select(tag => tag.Familiar)],
        Arguments = request.Arguments.Where(argument => argument.Value is not null && !PlatformArguments.Proxies.Contains(argument.Key)).ToDictionary(argument => argument.Key, argument => argument.Value ?? "", StringComparer.Ordinal),
    };

    private async Task<string> ComposeAsync(BuildRequest request, StageState state, BuildRun build, IProgress<BuildMessage> progress, CancellationToken ct)
    {
        state = request.IsSquashed ? await SquashAsync(state, build, ct) : state;
        var labels = new Dictionary<string, string>(state.Config.Labels, StringComparer.Ordinal);
        foreach (var (name, value) in request.Labels)
            labels[name] = value;
        var config = new ImageConfig
        {
            Author = state.Author,
            Architecture = state.Platform.Architecture,
            Os = state.Platform.Os,
            OsVersion = state.Platform.OsVersion,
            Variant = state.Platform.Variant,
            Config = state.Config with { Labels = labels },
            History = state.History,
        };
        // Steps without files have no time of their own: that of the first build that gave just this image.
        var key = new CacheKey("image", state.Files).Add(JsonSerializer.SerializeToUtf8Bytes(config, OciImageJson.Plain.ImageConfig)).Finish();
        var made = build.Epoch ?? _cache.FirstMade(key, $"image of {request.Dockerfile}", request.NoCache);
        config = config with { Created = made, History = [.. state.History.Select(step => step.Created is null ? step with { Created = made } : step)] };
        var image = await _engine.Steps.ComposeAsync(state.Files, config, request.Tags, request.Annotations, ct);
        BuildFailPoint.Reach("build.image-made");
        progress.Report(new BuildMessage.Built(image.Id.ToString()));
        progress.Report(new BuildMessage.Text($"Successfully built {image.Id.Short}\n"));
        foreach (var tag in request.Tags)
            progress.Report(new BuildMessage.Text($"Successfully tagged {tag.Familiar}\n"));
        return image.Id.ToString();
    }

    // The base's layers stay, and one more holds all that the stage did. Steps of the history have no layers any more, the last is theirs.
    private async Task<StageState> SquashAsync(StageState state, BuildRun build, CancellationToken ct)
    {
        var count = (state.Files?.Layers.Count ?? 0) - (state.Base?.Layers.Count ?? 0);
        if (state.Files is not { } files || count == 0)
            return state;
        var key = new CacheKey("squash", files).Add(state.Base is { Layers.Count: > 0 } below ? below.Layers[^1].ChainId.ToString() : null).Finish();
        var squashed = await _cache.TakeAsync(key, $"squash of {count} layers", fresh: false, build.Lease, () => _engine.Steps.SquashAsync(files, state.Base, ct), ct);
        return state with
        {
            Files = squashed.Files,
            History =
            [
                .. state.History.Take(state.BaseSteps),
                // A key in a comment would bring the step without its files.
                .. state.History.Skip(state.BaseSteps).Select(step => step with { EmptyLayer = true, Comment = null }),
                new HistoryEntry { Created = build.Epoch ?? squashed.Created, Comment = $"merge of {count} layers", EmptyLayer = squashed.Files.Layers.Count == (state.Base?.Layers.Count ?? 0) },
            ],
        };
    }
}
