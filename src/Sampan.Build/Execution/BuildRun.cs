using System.Collections.Concurrent;
using Sampan.Build.Caching;
using Sampan.Build.History;
using Sampan.Build.Planning;
using Sampan.Engine;
using Sampan.Oci.Images;
using Sampan.Storage.Building;
using Sampan.Storage.Images;

namespace Sampan.Build.Execution;

/// <summary>One build while it runs: what its stages share.</summary>
internal sealed class BuildRun : IDisposable
{
    private readonly Dictionary<int, Lazy<Task<StageState>>> _stages;
    private readonly CancellationTokenSource _stop;
    private int _failed;
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    internal BuildRun(ContainerEngine engine, BuildCache cache, CacheMounts mounts, BuildRequest request, BuildPlan plan, SourceTree context, IReadOnlyDictionary<string, string> platforms, IProgress<BuildMessage> progress, BuildJournal journal, CancellationToken ct)
    {
        Engine = engine;
        Journal = journal;
        Cache = cache;
        CacheMounts = mounts;
        Request = request;
        Plan = plan;
        Context = context;
        Platforms = platforms;
        Output = new BuildOutput(progress, [.. plan.Order.Select(stage => stage.Index)], request.Room);
        Lease = cache.NewLease();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
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

    internal BuildRequest Request { get; }

    internal BuildPlan Plan { get; }

    internal SourceTree Context { get; }

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
            await Task.WhenAll(tasks).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            Output.Flush();
            throw;
        }
    }

    /// <summary>A stage's result; it begins to run if it does not yet.</summary>
    internal Task<StageState> StageAsync(Stage stage) => _stages[stage.Index].Value;

    /// <summary>An image by its name, fetched if it is not here.</summary>
    internal async Task<ImageRecord> ImageAsync(string name, Platform? platform, int stage)
    {
        var wanted = platform ?? Request.Platform;
        if (!Request.Pull && Engine.Steps.Find(name, wanted) is { IsStep: false } here)
            return here;
        if (!ImageReference.TryParse(name, out var reference, out var error))
            throw BuildException.Invalid($"failed to parse stage name \"{name}\": {error}");
        var login = Request.Logins.GetValueOrDefault(reference.Domain) ?? (reference.Domain == "docker.io" ? Request.Logins.GetValueOrDefault("https://index.docker.io/v1/") : null);
        var exact = reference.Tag is null && reference.Digest is null ? reference + ":latest" : reference.ToString();
        await Engine.Images.PullAsync(exact, wanted?.ToString(), login, new Transfers(step => Tell(stage, step)), Stopped);
        return Engine.Steps.Find(name, wanted) ?? throw new BuildException(ErrorKind.NotFound, $"image '{name}' was fetched but is not for {wanted}");
    }

    /// <summary>Something failed; true: nothing had before.</summary>
    internal bool TryFail() => Interlocked.Exchange(ref _failed, 1) == 0;

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
        Lease.Dispose();
        _stop.Dispose();
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
