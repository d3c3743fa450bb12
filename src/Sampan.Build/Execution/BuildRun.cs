using System.Collections.Concurrent;
using Sampan.Build.Agents;
using Sampan.Build.Caching;
using Sampan.Build.History;
using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Engine;
using Sampan.Oci.Images;
using Sampan.Storage.Building;
using Sampan.Storage.Images;

namespace Sampan.Build.Execution;

/// <summary>One build while it runs: what its stages share.</summary>
internal sealed class BuildRun : IDisposable
{
    private const int MostPulls = 3;

    private readonly Dictionary<int, Lazy<Task<StageState>>> _stages;
    private readonly CancellationTokenSource _stop;
    private readonly Func<CancellationToken, Task<SourceTree>> _context;
    private readonly List<(Digest Image, string Repository)> _brought = [];

    // Who waits for whom, by the Dockerfile or by a trigger. Guarded by itself.
    private readonly Dictionary<int, HashSet<int>> _waits;
    private int _failed;
    private readonly ConcurrentBag<IDisposable> _held = [];
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    internal BuildRun(ContainerEngine engine, BuildCache cache, CacheMounts mounts, BuildRequest request, BuildPlan plan, Func<CancellationToken, Task<SourceTree>> context, IReadOnlyDictionary<string, string> platforms, IProgress<BuildMessage> progress, BuildJournal journal, CancellationToken ct)
    {
        Engine = engine;
        Journal = journal;
        Cache = cache;
        CacheMounts = mounts;
        Request = request;
        Plan = plan;
        _context = context;
        Platforms = platforms;
        Output = new BuildOutput(progress, [.. plan.Order.Select(stage => stage.Index)], request.Room);
        Export = new CacheExport(engine.Steps, mounts);
        Lease = cache.NewLease();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _waits = plan.All.ToDictionary(stage => stage.Index, stage => stage.Needs.ToHashSet());
        _stages = plan.All.ToDictionary(stage => stage.Index, stage => new Lazy<Task<StageState>>(() => RunStageAsync(stage)));
        Epoch = request.Arguments.GetValueOrDefault("SOURCE_DATE_EPOCH") is { Length: > 0 } text
            ? long.TryParse(text, System.Globalization.NumberStyles.None, null, out var seconds) && seconds <= 253402300799
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : throw BuildException.Invalid($"invalid SOURCE_DATE_EPOCH '{text}': expected seconds since 1970")
            : null;
    }

    internal ContainerEngine Engine { get; }

    internal BuildCache Cache { get; }

    /// <summary>What is remembered of it.</summary>
    internal BuildJournal Journal { get; }

    internal CacheMounts CacheMounts { get; }

    internal BuildCache.Lease Lease { get; }

    /// <summary>Steps for a cache that leaves this machine.</summary>
    internal CacheExport Export { get; }

    /// <summary>Caches that images brought.</summary>
    internal IReadOnlyList<CacheSource> Sources { get; private set; } = [];

    /// <summary>What was taken out of the context; null: nothing.</summary>
    internal IgnoreRules? Rules { get; init; }

    /// <summary>Contexts that have a name.</summary>
    internal IReadOnlyDictionary<string, SourceTree> Named { get; init; } = new Dictionary<string, SourceTree>();

    /// <summary>The client's SSH agents.</summary>
    internal required IBuildAgents Agents { get; init; }

    internal BuildRequest Request { get; }

    internal BuildPlan Plan { get; }

    /// <summary>The context, fetched when somebody first asks for it, unless the build fails meanwhile.</summary>
    internal Task<SourceTree> ContextAsync() => _context(Stopped);

    internal IReadOnlyDictionary<string, string> Platforms { get; }

    internal BuildOutput Output { get; }

    /// <summary>By stage: the number in the journal of the instruction that it is at.</summary>
    internal ConcurrentDictionary<int, int> Entries { get; } = new();

    /// <summary>No time in the image is later; null: times are as they are.</summary>
    internal DateTimeOffset? Epoch { get; }

    internal DateTimeOffset Now => Epoch ?? Engine.Steps.Time.GetUtcNow();

    internal CancellationToken Stopped => _stop.Token;

    /// <summary>Runs every stage that is needed, at the same time where none waits for another; the first failure ends all.</summary>
    internal async Task<StageState> RunAsync()
    {
        await ReadSourcesAsync();
        var tasks = Plan.Order.Select(stage => StageAsync(stage)).ToList();
        try
        {
            while (tasks.Count > 0)
            {
                var first = await Task.WhenAny(tasks);
                tasks.Remove(first);
                await first;
            }
            return await StageAsync(Plan.Target);
        }
        catch
        {
            await _stop.CancelAsync();
            await ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Output.Flush();
            throw;
        }
    }

    /// <summary>A stage's result; it begins to run if it does not yet.</summary>
    internal Task<StageState> StageAsync(Stage stage) => _stages[stage.Index].Value;

    /// <summary>
    /// Notes that a trigger of the base asks for a stage, which the plan could not know, and that it may run. False: it waits, perhaps by way
    /// of others, for the one that asks.
    /// </summary>
    internal bool TryTrigger(Stage asking, Stage wanted)
    {
        lock (_waits)
        {
            var reached = new HashSet<int>();
            Reach(wanted.Index, reached);
            if (reached.Contains(asking.Index))
                return false;
            _waits[asking.Index].Add(wanted.Index);
            Output.Free(reached);
        }
        return true;
    }

    private void Reach(int stage, HashSet<int> reached)
    {
        if (!reached.Add(stage))
            return;
        foreach (var next in _waits[stage])
            Reach(next, reached);
    }

    /// <summary>An image by its name, fetched if it is not here.</summary>
    internal async Task<ImageRecord> ImageAsync(string name, Platform? platform, int stage)
    {
        var wanted = platform ?? Request.Platform;
        return !Request.Pull && Hold(name, wanted) is { } here ? here : await PullAsync(name, wanted, stage);
    }

    // Nobody removes what the build stands on: not a prune, and not a removal by force.
    private ImageRecord? Hold(string name, Platform? wanted)
    {
        if (Engine.Steps.FindHeld(name, wanted) is not { } held)
            return null;
        _held.Add(held.Hold);
        return held.Image;
    }

    private async Task<ImageRecord> PullAsync(string name, Platform? wanted, int stage)
    {
        if (!ImageReference.TryParse(name, out var reference, out var error))
            throw BuildException.Invalid($"failed to parse stage name \"{name}\": {error}");
        var login = await LoginAsync(Request, reference, Stopped);
        var exact = reference.Tag is null && reference.Digest is null ? reference + ":latest" : reference.ToString();
        for (var attempt = 1; ; attempt++)
        {
            await Engine.Images.PullAsync(exact, wanted?.ToString(), login, new Transfers(step => Tell(stage, step)), Stopped);
            if (Hold(name, wanted) is { } pulled)
                return pulled;
            if (Engine.Steps.Find(name, null) is not null)
                throw new BuildException(ErrorKind.NotFound, $"image '{name}' was fetched but is not for {wanted}");
            // A prune took it between the two.
            if (attempt == MostPulls)
                throw new BuildException(ErrorKind.NotFound, $"image '{name}' was fetched {MostPulls} times, and each time removed by somebody before it was used");
        }
    }

    /// <summary>What a cache mount begins with that some image brought; null: none did.</summary>
    internal SourceEntry? FindMount(string id) => Sources.Select(source => source.FindMount(id, Stopped)).FirstOrDefault(found => found is not null);

    /// <summary>A step that some image brought; null: none did.</summary>
    internal async Task<ImageRecord?> FindStepAsync(string key, ImageRecord? below)
    {
        foreach (var source in Sources)
        {
            if (await source.FindAsync(key, below, Stopped) is { } found)
                return found;
        }
        return null;
    }

    /// <summary>The image that a name of a further context stands for; null: it stands for none.</summary>
    internal string? ImageOfContext(string name) =>
        Request.Contexts.GetValueOrDefault(name) is { } value && value.StartsWith("docker-image://", StringComparison.Ordinal) ? value["docker-image://".Length..] : null;

    /// <summary>Something failed; true: nothing had before.</summary>
    internal bool TryFail() => Interlocked.Exchange(ref _failed, 1) == 0;

    /// <summary>The client's credentials for an image's registry; null: it sent none.</summary>
    internal static async Task<Engine.Images.RegistryLogin?> LoginAsync(BuildRequest request, ImageReference reference, CancellationToken ct)
    {
        var sent = request.Logins.GetValueOrDefault(reference.Domain) ?? (reference.Domain == "docker.io" ? request.Logins.GetValueOrDefault("https://index.docker.io/v1/") : null);
        return sent is null && request.Client is { } client ? await client.FindLoginAsync(reference.Domain, ct) : sent;
    }

    /// <summary>An argument of the user's was declared somewhere.</summary>
    internal void Use(string argument)
    {
        lock (_used)
            _used.Add(argument);
    }

    /// <summary>Arguments that no ARG declares.</summary>
    internal IReadOnlyList<string> Unused()
    {
        lock (_used)
            return [.. Request.Arguments.Keys.Where(name => !_used.Contains(name) && !Plan.Globals.ContainsKey(name) && !PlatformArguments.Proxies.Contains(name) && name != "SOURCE_DATE_EPOCH" && !name.StartsWith("BUILDKIT_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var hold in _held)
            hold.Dispose();
        _stop.Dispose();
        Lease.Dispose();
        foreach (var (image, repository) in _brought)
            Forget(Engine, image, repository);
    }

    /// <summary>Takes an image away that is a cache and nothing else: all names of that repository. An export may have taken its tag meanwhile.</summary>
    internal static void Forget(ContainerEngine engine, Digest image, string repository)
    {
        var names = engine.Steps.Find(image.ToString(), null) is { } record ? record.RepoTags.Concat(record.RepoDigests).Where(name => name.Name == repository).ToList() : [];
        foreach (var name in names)
        {
            try
            {
                engine.Images.Remove(name.ToString(), force: true, noPrune: false);
            }
            catch (EngineException)
            {
                // Somebody uses or removed it meanwhile: then it is theirs.
            }
        }
    }

    // "pull:NAME": what the registry has now comes before what is here, and does not stay.
    private async Task<ImageRecord> SourceAsync(string text)
    {
        var name = text.StartsWith("pull:", StringComparison.Ordinal) ? text["pull:".Length..] : text;
        var here = Engine.Steps.Find(name, Request.Platform) is { IsStep: false } image ? image : null;
        if (here is not null && name == text)
            return here;
        try
        {
            var pulled = await PullAsync(name, null, Plan.Order[0].Index);
            if (here is null && ImageReference.TryParse(name, out var reference, out _))
                _brought.Add((pulled.Id, reference.Name));
            return pulled;
        }
        catch (EngineException) when (here is not null)
        {
            return here;
        }
    }

    // A cache that cannot be had is no reason not to build.
    private async Task ReadSourcesAsync()
    {
        var sources = new List<CacheSource>();
        foreach (var name in Request.CacheSources)
        {
            try
            {
                var image = await SourceAsync(name);
                Lease.Hold(image.Id.ToString());
                sources.Add(CacheSource.Read(Engine.Steps, image, Stopped));
                Output.Tell(Plan.Order[0].Index, $"cache of {name}: {sources[^1].Count} steps\n");
            }
            catch (Exception failed) when (failed is EngineException or BuildException or Storage.StorageException)
            {
                Output.Tell(Plan.Order[0].Index, $"[Warning] no cache from {name}: {failed.Message}\n");
            }
        }
        Sources = sources;
    }

    // A watcher gets lines, no bars.
    private void Tell(int stage, Engine.Images.TransferStep step)
    {
        if (!Journal.IsWatched)
            Output.Tell(stage, new BuildMessage.Transfer(step));
        if (step.Current is null && Entries.TryGetValue(stage, out var entry))
            Journal.Say(entry, $"{(step.Id is null ? "" : step.Id + ": ")}{step.Status}\n");
    }

    private async Task<StageState> RunStageAsync(Stage stage)
    {
        await Task.Yield();
        var state = await new StageRun(this, stage).RunAsync();
        Output.End(stage.Index);
        return state;
    }

    private sealed class Transfers(Action<Engine.Images.TransferStep> tell) : IProgress<Engine.Images.TransferStep>
    {
        public void Report(Engine.Images.TransferStep value) => tell(value);
    }
}
