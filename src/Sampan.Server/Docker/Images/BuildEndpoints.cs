using System.Collections.ObjectModel;
using System.Globalization;
using System.Text;
using Sampan.Build;
using Sampan.Build.Caching;
using Sampan.DockerApi;
using Sampan.DockerApi.Builds;
using Sampan.DockerApi.Engines;
using Sampan.Engine;
using Sampan.Server.Docker.Sessions;
using Sampan.Server.Http;
using Sampan.Storage.Building;

namespace Sampan.Server.Docker.Images;

/// <summary>Building, and its cache: <c>POST /build</c>, <c>POST /build/prune</c>.</summary>
internal sealed class BuildEndpoints(DockerDaemon daemon, SessionBuilds sessions)
{
    private const int MinSession = 16;
    private const int MaxSession = 128;
    private const int MaxOffer = 64 << 20;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("POST", "/build", Build);
        routes.Map("POST", "/build/prune", Prune);
        sessions.Map(routes);
        routes.Map("POST", "/sampan/builds/agents", Agent);
        routes.Map("POST", "/sampan/builds/contexts", Offer);
    }

    private async Task Build(Exchange x)
    {
        if (x.Query("version") == BuildRequestMapper.SessionVersion)
        {
            await sessions.BuildAsync(x, UntilStoppedAsync).ConfigureAwait(false);
            return;
        }
        var request = BuildRequestMapper.FromRequest(x, daemon.DefaultUlimits);
        await using var stream = new BuildStream(x, x.Flag("q"));
        if (x.Flag("check"))
        {
            await stream.RunAsync(() => Builder.CheckAsync(request, stream, x.Aborted)).ConfigureAwait(false);
            return;
        }
        await stream.RunAsync(() => UntilStoppedAsync(ct => Builder.BuildAsync(request with { Room = stream.RoomAsync }, stream, ct), x.Aborted)).ConfigureAwait(false);
    }

    // A daemon that is started again takes containers up, and no builds: whoever waits for an image is told what to do.
    private async Task UntilStoppedAsync(Func<CancellationToken, Task> build, CancellationToken gone)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(gone, daemon.Stopping);
        try
        {
            await build(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException stopped) when (daemon.Stopping.IsCancellationRequested && !gone.IsCancellationRequested)
        {
            throw new BuildException(ErrorKind.Unavailable, "the engine is stopping: run the build again when it is back, steps that are done come from the cache", null, stopped);
        }
    }

    // The connection becomes a line to an SSH agent of the client's.
    private Task Agent(Exchange x)
    {
        if (x.Query("session") is not { Length: >= MinSession and <= MaxSession } session || x.Query("id") is not { Length: > 0 and <= MaxSession } id)
            throw new EngineException(ErrorKind.InvalidArgument, $"a line to an SSH agent needs a session of {MinSession} to {MaxSession} characters, and an id");
        var lines = Builder.Agents;
        return x.HijackAsync(raw: true, (input, output) => lines.ServeAsync(session, id, input, output, daemon.Stopping));
    }

    // Names and fingerprints, each with a zero byte behind it; behind an empty name stands which file the client has open: "INDEX DESCRIPTOR FINGERPRINT".
    private async Task Offer(Exchange x)
    {
        if (x.Query("key") is not { Length: >= MinSession and <= MaxSession } key)
            throw new EngineException(ErrorKind.InvalidArgument, $"the offer of a context needs a key of {MinSession} to {MaxSession} characters");
        using var body = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await x.Archive.ReadAsync(buffer, x.Aborted).ConfigureAwait(false)) > 0;)
        {
            if (body.Length + read > MaxOffer)
                throw new EngineException(ErrorKind.InvalidArgument, $"the offer of a context has more than {MaxOffer} bytes: refused");
            body.Write(buffer, 0, read);
        }
        var words = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length).Split('\0');
        if (words.Length % 2 == 0 || words[^1].Length > 0)
            throw new EngineException(ErrorKind.InvalidArgument, "the offer of a context is no list of names and fingerprints, each followed by a zero byte");
        var files = new List<KeyValuePair<string, string>>(words.Length / 2);
        var opened = new List<OpenedFile>();
        for (var i = 0; i + 1 < words.Length; i += 2)
        {
            if (words[i].Length > 0)
                files.Add(new(words[i], words[i + 1]));
            else if (words[i + 1].Split(' ') is [var index, var descriptor, var fingerprint] && Number(index) is { } at && at < files.Count && Number(descriptor) is { } number)
                opened.Add(new OpenedFile(files[at].Key, number, fingerprint));
            else
                throw new EngineException(ErrorKind.InvalidArgument, $"the offer of a context names an open file '{words[i + 1]}': expected the number of the file, its descriptor and its fingerprint");
        }
        var offer = Builder.OfferContext(key, x.Query("path") ?? "", files, opened, x.Connection);
        var answer = new KnownContext { Id = offer?.Id, Known = offer is null ? "" : string.Create(offer.Value.Known.Count, offer.Value.Known, static (text, known) => { for (var i = 0; i < text.Length; i++) text[i] = known[i] ? '1' : '0'; }) };
        await x.WriteJsonAsync(200, answer, StoreJson.Wire.KnownContext).ConfigureAwait(false);
    }

    private Task Prune(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "until", "unused-for", "id", "type", "description", "inuse", "shared", "private", "label", "label!");
        var until = filters.Until(daemon.Time.GetUtcNow());
        var all = x.Flag("all");
        // What always stays has had two names.
        long?[] sizes = [Positive(x, "reserved-space"), Positive(x, "keep-storage"), Positive(x, "max-used-space"), Positive(x, "min-free-space")];
        var room = new CacheRoom(sizes[..2].Max(), sizes[2], sizes[3]);
        var (ids, bytes) = Builder.Prune(entry => Matches(entry, filters, until, all), room);
        daemon.Engine.Events.Pruned("builder", bytes);
        return x.WriteJsonAsync(200, new BuildPruneReport { CachesDeleted = ids, SpaceReclaimed = bytes }, DockerApiJson.Wire.BuildPruneReport);
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static long? Positive(Exchange x, string name) => x.Number(name) is > 0 and var number ? number : null;

    // Without "all" what an image has too stays: it costs nothing. Steps have no labels: who prunes what has one (system prune) means no step.
    private static bool Matches(BuildCacheEntry entry, Filters filters, DateTimeOffset? until, bool all) =>
        (all || !entry.IsShared)
        && filters.Labels(ReadOnlyDictionary<string, string>.Empty)
        && (until is null || entry.LastUsed <= until)
        && Fits(filters, "id", entry.Id)
        && Fits(filters, "type", entry.Kind)
        && Fits(filters, "description", entry.Description)
        && (!filters.Has("inuse") || entry.InUse)
        && (!filters.Has("shared") || entry.IsShared)
        && (!filters.Has("private") || !entry.IsShared);

    private static bool Fits(Filters filters, string name, string value) =>
        !filters.Has(name) || filters.Values(name).Any(wanted => name == "id" ? value.StartsWith(wanted, StringComparison.Ordinal) : value == wanted);

    private Builder Builder => daemon.Builder ?? throw new EngineException(ErrorKind.NotSupported, "building images is not supported by this engine");
}
