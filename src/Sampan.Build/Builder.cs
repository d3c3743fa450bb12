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
using Sampan.Storage.Archives;
using Sampan.Storage.Building;

namespace Sampan.Build;

/// <summary>Builds images of Dockerfiles on an engine, and keeps what their steps gave. Thread-safe.</summary>
public sealed class Builder : IAsyncDisposable
{
    private readonly ContainerEngine _engine;
    private readonly BuildCache _cache;
    private readonly CacheMounts _mounts;
    private readonly BuildHistory _history;
    private readonly KeptContexts _contexts;
    private readonly SemaphoreSlim _exporting = new(1, 1);
    private readonly CacheCollector _collector;

    private Builder(ContainerEngine engine, IReadOnlyList<CachePolicy>? policies, Action<Exception> failed)
    {
        _engine = engine;
        _cache = BuildCache.Open(engine.Steps);
        _mounts = new CacheMounts(engine.Steps);
        _history = BuildHistory.Open(engine.Steps.DataDirectory, engine.Steps.Time);
        _contexts = new KeptContexts(engine.Steps.Time, () => Spool);
        _collector = new CacheCollector(() => Collect(policies ?? CachePolicy.Usual(Disk.TotalSize)), failed);
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
            await engine.Containers.RemoveAsync(container.Id, new RemoveOptions { Force = true, Volumes = true }, ct);
        foreach (var directory in new[] { Path.Combine(engine.Steps.DataDirectory, "run"), Path.Combine(engine.Steps.DataDirectory, "spool"), Path.Combine(engine.Steps.ExecDirectory, "run") })
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
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
            using var agents = Agents.Begin(request.AgentSession ?? "", request.AgentSession is null ? [] : request.SshAgents);

            // (1)
            using var known = request.KnownContext is { } offer ? _contexts.Take(offer) : null;
            var (context, isBare) = await ReadContextAsync(request, agents, known?.Files, ct);
            if (known is not null)
                progress.Report(new BuildMessage.Text($"context: {known.Files.Count} files, {known.Files.Known} of them known from before\n"));
            using (context)
            {
                // Before the rules: they are of the main context only.
                var named = await ReadContextsAsync(request, context, agents, ct);
                using var contexts = new Contexts(named.Values);

                // (2)
                BuildFailPoint.Reach("build.context-read");
                var name = isBare ? "Dockerfile" : request.Dockerfile.TrimStart('/');
                if (context.Find(name) is not { Kind: SourceKind.File } file)
                    throw BuildException.Invalid($"Cannot locate specified Dockerfile: {name}");
                var text = DockerfileReader.Read(file.ReadAll(DockerfileLimits.MaxBytes));
                var rules = Rules(context, name);
                if (rules is { IsEmpty: false })
                    context.Prune(rules.Excludes);

                // (3)
                var platforms = PlatformArguments.Of(Platform.Current.Normalize(), (request.Platform ?? Platform.Current).Normalize(), request.Target);
                var plan = BuildPlan.Make(text, request.Arguments, platforms, request.Target);

                if (Check(request, plan, platforms, rules, progress, journal is null) || journal is null)
                    return "";

                // (4)
                using var build = new BuildRun(_engine, _cache, _mounts, request, plan, context, platforms, progress, journal, ct) { Named = named, Agents = agents };
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
                var id = await ComposeAsync(request, state, build, progress, ct);
                await ExportAsync(request, build, id, progress, ct);
                return id;
            }
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

    /// <summary>Takes a client's offer to send a context.</summary>
    /// <param name="key">The client's name for the context, the same each time.</param>
    /// <param name="path">Where it lies there, for people.</param>
    /// <param name="files">Names in the archive with fingerprints; an empty one: known by nothing.</param>
    /// <returns>The offer's id for <see cref="BuildRequest.KnownContext"/>, and for each file whether its content may be left out; null: another build has the context now.</returns>
    public (string Id, IReadOnlyList<bool> Known)? OfferContext(string key, string path, IReadOnlyList<KeyValuePair<string, string>> files) => _contexts.Offer(key, path, files);

    /// <summary>What the cache holds.</summary>
    public IReadOnlyList<BuildCacheEntry> ListCache() => [.. _cache.List(), .. _mounts.List(), .. _contexts.List()];

    /// <summary>Removes entries of the cache that no build needs now, what was used longest ago first.</summary>
    /// <param name="which">Which may go.</param>
    /// <param name="room">How much has to go, and how much stays.</param>
    /// <returns>Their ids, and the bytes that they took.</returns>
    public (IReadOnlyList<string> Ids, long Bytes) Prune(Func<BuildCacheEntry, bool> which, CacheRoom room)
    {
        var removed = new List<string>();
        var total = ListCache().Sum(entry => entry.Bytes);
        long left;
        int before;
        do
        {
            before = removed.Count;
            removed.AddRange(PruneOnce(which, room));
            left = ListCache().Sum(entry => entry.Bytes);
        }
        // A layer stays while a step above it does: then its bytes are that one's, and there may still be too many.
        while (removed.Count > before && room.Aim(left, Disk.AvailableFreeSpace) is { } aim && left > aim);
        return (removed, Math.Max(0, total - left));
    }

    private DriveInfo Disk => new(_engine.Steps.DataDirectory);

    private List<string> PruneOnce(Func<BuildCacheEntry, bool> which, CacheRoom room)
    {
        var all = ListCache();
        var left = all.Sum(entry => entry.Bytes);
        var aim = room.Aim(left, Disk.AvailableFreeSpace);
        var doomed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in all.Where(which).OrderBy(entry => entry.LastUsed))
        {
            if (aim is { } bytes && left <= bytes)
                break;
            doomed.Add(entry.Id);
            left -= entry.Bytes;
        }
        return [.. _cache.Remove(entry => doomed.Contains(entry.Id)), .. _mounts.Remove(entry => doomed.Contains(entry.Id)), .. _contexts.Remove(entry => doomed.Contains(entry.Id))];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _collector.DisposeAsync();

    private void Collect(IReadOnlyList<CachePolicy> policies)
    {
        foreach (var policy in policies)
        {
            var disk = Disk;
            var used = disk.TotalSize - disk.TotalFreeSpace;
            // The cache is not larger than all that is on the disk: no need to measure it.
            if (policy.Room.Aim(used, disk.AvailableFreeSpace) >= used)
                continue;
            var now = _engine.Steps.Time.GetUtcNow();
            Prune(entry => policy.Takes(entry, now), policy.Room);
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
                progress.Report(new BuildMessage.Text($"WARNING: {warning.Rule} - {warning.Url}\n{warning.Message}\n{plan.Text.Excerpt(request.Dockerfile, warning.Line, warning.LastLine, warning.Column)}\n"));
            if (found.Count > 0)
                throw new BuildException(ErrorKind.InvalidArgument, $"Check complete, {count} {(found.Count == 1 ? "has" : "have")} been found!", 1);
            progress.Report(new BuildMessage.Text("Check complete, no warnings found.\n"));
            return true;
        }
        if (found.Count > 0)
            progress.Report(new BuildMessage.Text($"\n {count} found (use --check to expand):\n{string.Concat(found.Select(warning => $" - {warning.Rule}: {warning.Message} (line {warning.Line}, column {warning.Column})\n"))}"));
        return found.Count > 0 && directive.IsError ? throw BuildException.Invalid($"lint violation found for rules: {string.Join(", ", found.Select(warning => warning.Rule).Distinct())}") : false;
    }

    // A failed build exports what succeeded; what goes wrong then does not hide why it failed.
    private async Task ExportAsync(BuildRequest request, BuildRun build, string? imageId, IProgress<BuildMessage> progress, CancellationToken ct)
    {
        foreach (var target in request.CacheTargets)
        {
            try
            {
                // One at a time: two that have layers in common would take them from each other.
                await _exporting.WaitAsync(ct);
                try
                {
                    var image = target.IsMinimal && imageId is not null ? _engine.Steps.Find(imageId, null) : null;
                    var count = await build.Export.WriteAsync(target.Name, image, target.HasMounts, ct);
                    progress.Report(new BuildMessage.Text($"exporting cache to {target.Name.Familiar}: {count} steps\n"));
                }
                finally
                {
                    _exporting.Release();
                }
                if (!target.IsPushed)
                    continue;
                try
                {
                    await _engine.Images.PushAsync(target.Name.ToString(), null, BuildRun.LoginOf(request, target.Name), null, ct);
                }
                finally
                {
                    if (_engine.Steps.Find(target.Name.ToString(), null) is { } exported)
                        BuildRun.Forget(_engine, exported.Id, target.Name.Name);
                }
            }
            catch (Exception failed) when (imageId is null && failed is EngineException or BuildException or Storage.StorageException)
            {
                progress.Report(new BuildMessage.Text($"[Warning] the cache was not exported to {target.Name.Familiar}: {failed.Message}\n"));
            }
        }
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

    private string Spool => Directory.CreateDirectory(Path.Combine(_engine.Steps.DataDirectory, "spool"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    private Task<(SourceTree Tree, bool IsBare)> ReadContextAsync(BuildRequest request, AgentLines.AgentSession agents, OfferedContext? offered, CancellationToken ct) => request.Remote is { Length: > 0 } remote ? FetchContextAsync(remote, agents, ct)
        : ReadArchiveAsync(request.Context ?? Stream.Null, ct, offered);

    private async Task<(SourceTree Tree, bool IsBare)> ReadArchiveAsync(Stream archive, CancellationToken ct, OfferedContext? offered = null) => (await SourceTree.ReadArchiveAsync(archive, Spool, ArchiveLimits.Default, asRoot: true, ct, offered), false);

    private async Task<(SourceTree Tree, bool IsBare)> FetchContextAsync(string remote, AgentLines.AgentSession agents, CancellationToken ct)
    {
        if (GitAddress.IsOne(remote))
        {
            var repository = GitAddress.Parse(remote);
            var (files, _) = await Repositories.FetchAsync(repository, _engine.Steps, agents, keepsGitDirectory: false, ct);
            return files.Narrow(repository.Directory ?? "") ? (files, false) : throw BuildException.Invalid($"directory '{repository.Directory}' is not in the repository");
        }
        if (!Uri.TryCreate(remote, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new BuildException(ErrorKind.NotSupported, $"remote context '{remote}' is not supported by this builder: give an address of a git repository, or an http or https address of a tar archive or a Dockerfile");
        var fetched = await RemoteContext.FetchAsync(address, 1 << 30, ct);
        var file = SourceTree.Of(("Dockerfile", fetched.Content, (UnixFileMode)0x1a4, null));
        return SourceTree.IsArchive(SourceTree.List(file.Root).Single()) ? await ReadArchiveAsync(new MemoryStream(fetched.Content), ct) : (file, true);
    }

    // Directories come in the same archive; others are fetched now. Images are found when they are needed.
    private async Task<Dictionary<string, SourceTree>> ReadContextsAsync(BuildRequest request, SourceTree context, AgentLines.AgentSession agents, CancellationToken ct)
    {
        var named = new Dictionary<string, SourceTree>(StringComparer.Ordinal);
        var sent = request.Contexts.Count == 0 ? null : context.TakeOut(BuildRequest.ContextsDirectory);
        foreach (var (name, value) in request.Contexts)
        {
            if (value.StartsWith("docker-image://", StringComparison.Ordinal))
                continue;
            named[name] = !value.StartsWith("dir:", StringComparison.Ordinal) ? (await FetchContextAsync(value, agents, ct)).Tree
                : sent?.TakeOut(value["dir:".Length..]) ?? throw BuildException.Invalid($"build context '{name}' is not in what the client sent");
        }
        return named;
    }

    // "NAME.dockerignore" beside the Dockerfile comes before the context's own.
    private static IgnoreRules? Rules(SourceTree context, string dockerfile)
    {
        if ((context.Find(dockerfile + ".dockerignore") ?? context.Find(".dockerignore")) is not { Kind: SourceKind.File } file)
            return null;
        try
        {
            return IgnoreRules.Read(Encoding.UTF8.GetString(file.ReadAll(DockerfileLimits.MaxBytes)));
        }
        catch (FormatException wrong)
        {
            throw BuildException.Invalid($"failed to read .dockerignore: {wrong.Message}", wrong);
        }
    }

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

    private sealed class Contexts(IEnumerable<SourceTree> trees) : IDisposable
    {
        private readonly List<SourceTree> _trees = [.. trees];

        public void Dispose() => _trees.ForEach(tree => tree.Dispose());
    }
}
