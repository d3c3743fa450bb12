using Sampan.DockerApi.Client;
using Sampan.DockerApi.Containers.Stats;

namespace Sampan.Cli.Commands.Engine;

/// <summary>The containers that stats shows, each with its newest sample.</summary>
internal sealed class StatsView(Invocation call, bool stream)
{
    private readonly Lock _gate = new();
    private readonly List<Watched> _shown = [];

    /// <summary>One row for each container; null: there is no sample yet.</summary>
    public IReadOnlyList<(string Name, StatsResponse? Stats)> Rows
    {
        get
        {
            lock (_gate) return [.. _shown.Select(w => (w.Name, w.Newest))];
        }
    }

    /// <summary>Whether nothing more comes of any of them.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate) return _shown.Count > 0 && _shown.TrueForAll(w => w.Reading.IsCompleted);
        }
    }

    /// <summary>Shows containers. All streams are opened before the first row, so that a wrong name is an error and not an empty row; all at once, since the engine looks at each for a while before it answers.</summary>
    public async Task AddAsync(IReadOnlyList<string> names)
    {
        var streams = await Task.WhenAll(names.Select(name => call.Client.StatsContainerAsync(name, stream, false, call.Cancelled))).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var (name, samples) in names.Zip(streams))
                if (!_shown.Exists(w => w.Name == name)) _shown.Add(new Watched(name, samples, call.Cancelled));
        }
    }

    /// <summary>Waits until all samples have come.</summary>
    public Task ReadAsync()
    {
        lock (_gate) return Task.WhenAll(_shown.Select(w => w.Reading));
    }

    /// <summary>Shows the containers that there are, and from then on those that come, and no longer those that go. Returns when the first are shown, with what ends when the engine tells nothing any more.</summary>
    /// <param name="all">Those that do not run, too: they come when they are made.</param>
    public async Task<Task> FollowAsync(bool all)
    {
        var (comes, goes) = all ? ("create", "destroy") : ("start", "die");
        // Events first: what starts between the list and the events would be missed.
        var events = await call.Client.GetEventsAsync(null, null, new Filters().Add("type", "container").Add("event", comes).Add("event", goes), call.Cancelled).ConfigureAwait(false);
        await AddAsync([.. (await call.Client.ListContainerRowsAsync(all, cancellationToken: call.Cancelled).ConfigureAwait(false)).Select(c => c.Id)]).ConfigureAwait(false);
        return WatchAsync();

        async Task WatchAsync()
        {
            await foreach (var message in events.ConfigureAwait(false))
            {
                if (message.Actor is not { ID.Length: > 0 } actor) continue;
                if (message.Action == comes) await TryAddAsync(actor.ID).ConfigureAwait(false);
                else if (message.Action == goes) Remove(actor.ID);
            }
        }
    }

    private async Task TryAddAsync(string id)
    {
        try
        {
            await AddAsync([id]).ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            // It has gone again meanwhile.
        }
    }

    private void Remove(string id)
    {
        lock (_gate) _shown.RemoveAll(w => w.Name == id);
    }

    /// <summary>A container and what comes of its stream.</summary>
    private sealed class Watched
    {
        private volatile StatsResponse? _newest;

        public Watched(string name, IAsyncEnumerable<StatsResponse> samples, CancellationToken cancelled)
        {
            Name = name;
            Reading = ReadAsync(samples, cancelled);
        }

        public string Name { get; }

        public Task Reading { get; }

        public StatsResponse? Newest => _newest;

        private async Task ReadAsync(IAsyncEnumerable<StatsResponse> samples, CancellationToken cancelled)
        {
            try
            {
                await foreach (var sample in samples.WithCancellation(cancelled).ConfigureAwait(false)) _newest = sample;
            }
            catch (DockerApiException)
            {
                // The container or the engine went away: its last numbers stay on the screen.
            }
        }
    }
}
