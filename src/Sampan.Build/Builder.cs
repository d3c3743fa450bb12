using System.Text;
using System.Text.Json;
using Sampan.Build.Caching;
using Sampan.Build.Execution;
using Sampan.Build.History;
using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;

namespace Sampan.Build;

/// <summary>Builds images of Dockerfiles on an engine, and keeps what their steps gave. Thread-safe.</summary>
public sealed class Builder
{
    private readonly ContainerEngine _engine;
    private readonly BuildCache _cache;
    private readonly CacheMounts _mounts;
    private readonly BuildHistory _history;

    private Builder(ContainerEngine engine)
    {
        _engine = engine;
        _cache = BuildCache.Open(engine.Steps);
        _mounts = new CacheMounts(engine.Steps);
        _history = BuildHistory.Open(engine.Steps.DataDirectory, engine.Steps.Time);
    }

    /// <summary>Opens the builder and takes away what builds left that died with an earlier daemon.</summary>
    /// <param name="engine">Runs the containers and keeps the files.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<Builder> OpenAsync(ContainerEngine engine, CancellationToken ct)
    {
        foreach (var container in engine.Containers.List().Where(container => container.Spec.Labels.ContainsKey(StageRun.Label) && engine.Steps.Find(container.ImageId, null) is { IsStep: true }))
            await engine.Containers.RemoveAsync(container.Id, new RemoveOptions { Force = true, Volumes = true }, ct);
        foreach (var directory in new[] { Path.Combine(engine.Steps.DataDirectory, "run"), Path.Combine(engine.Steps.DataDirectory, "spool"), Path.Combine(engine.Steps.ExecDirectory, "run") })
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }
        return new Builder(engine);
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
    }

    private async Task<string> BuildAsync(BuildRequest request, BuildJournal journal, IProgress<BuildMessage> progress, CancellationToken ct)
    {
        try
        {
            // (1)
            var (context, isBare) = await ReadContextAsync(request, ct);
            using (context)
            {
                // (2)
                var name = isBare ? "Dockerfile" : request.Dockerfile.TrimStart('/');
                if (context.Find(name) is not { Kind: SourceKind.File } file)
                    throw BuildException.Invalid($"Cannot locate specified Dockerfile: {name}");
                var text = DockerfileReader.Read(file.ReadAll(DockerfileLimits.MaxBytes));
                if (Rules(context, name) is { IsEmpty: false } rules)
                    context.Prune(rules.Excludes);

                // (3)
                var platforms = PlatformArguments.Of(Platform.Current.Normalize(), (request.Platform ?? Platform.Current).Normalize(), request.Target);
                var plan = BuildPlan.Make(text, request.Arguments, platforms, request.Target);

                // (4)
                using var build = new BuildRun(_engine, _cache, _mounts, request, plan, context, platforms, progress, journal, ct);
                var state = await build.RunAsync();

                // (5)
                if (build.Unused() is { Count: > 0 } unused)
                    progress.Report(new BuildMessage.Text($"[Warning] One or more build-args [{string.Join(' ', unused)}] were not consumed\n"));
                return await ComposeAsync(request, state, build, progress, ct);
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

    /// <summary>What the cache holds.</summary>
    public IReadOnlyList<BuildCacheEntry> ListCache() => [.. _cache.List(), .. _mounts.List()];

    /// <summary>Removes entries of the cache that no build needs now.</summary>
    /// <param name="which">Which.</param>
    /// <param name="keepBytes">Until no more than this is left, what was used longest ago first; 0: all.</param>
    /// <returns>Their ids, and the bytes that they took.</returns>
    public (IReadOnlyList<string> Ids, long Bytes) Prune(Func<BuildCacheEntry, bool> which, long keepBytes)
    {
        var all = ListCache();
        var total = all.Sum(entry => entry.Bytes);
        var doomed = new HashSet<string>(StringComparer.Ordinal);
        var left = total;
        foreach (var entry in all.Where(which).OrderBy(entry => entry.LastUsed))
        {
            if (keepBytes > 0 && left <= keepBytes)
                break;
            doomed.Add(entry.Id);
            left -= entry.Bytes;
        }
        IReadOnlyList<string> removed = [.. _cache.Remove(entry => doomed.Contains(entry.Id)), .. _mounts.Remove(entry => doomed.Contains(entry.Id))];
        return (removed, Math.Max(0, total - ListCache().Sum(entry => entry.Bytes)));
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

    private async Task<(SourceTree Tree, bool IsBare)> ReadContextAsync(BuildRequest request, CancellationToken ct)
    {
        var spool = Path.Combine(_engine.Steps.DataDirectory, "spool");
        if (request.Remote is not { Length: > 0 } remote)
            return (await SourceTree.ReadArchiveAsync(request.Context ?? Stream.Null, spool, ArchiveLimits.Default, asRoot: true, ct), false);
        if (RemoteContext.IsRepository(remote) || !Uri.TryCreate(remote, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new BuildException(ErrorKind.NotSupported, $"remote context '{remote}' is not supported by this builder: give an http or https address of a tar archive or a Dockerfile");
        var fetched = await RemoteContext.FetchAsync(address, 1 << 30, ct);
        var file = SourceTree.Of(("Dockerfile", fetched.Content, (UnixFileMode)0x1a4, null));
        if (!SourceTree.IsArchive(SourceTree.List(file.Root).Single()))
            return (file, true);
        return (await SourceTree.ReadArchiveAsync(new MemoryStream(fetched.Content), spool, ArchiveLimits.Default, asRoot: true, ct), false);
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
        var image = await _engine.Steps.ComposeAsync(state.Files, config, request.Tags, ct);
        progress.Report(new BuildMessage.Built(image.Id.ToString()));
        progress.Report(new BuildMessage.Text($"Successfully built {image.Id.Short}\n"));
        foreach (var tag in request.Tags)
            progress.Report(new BuildMessage.Text($"Successfully tagged {tag.Familiar}\n"));
        return image.Id.ToString();
    }
}
