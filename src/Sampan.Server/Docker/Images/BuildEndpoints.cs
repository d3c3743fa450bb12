using System.Collections.ObjectModel;
using Sampan.Build;
using Sampan.Build.Caching;
using Sampan.DockerApi;
using Sampan.DockerApi.Engines;
using Sampan.Engine;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Images;

/// <summary>Building, and its cache: <c>POST /build</c>, <c>POST /build/prune</c>.</summary>
internal sealed class BuildEndpoints(DockerDaemon daemon)
{
    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("POST", "/build", Build);
        routes.Map("POST", "/build/prune", Prune);
    }

    private async Task Build(Exchange x)
    {
        var request = BuildRequestMapper.FromRequest(x, daemon.DefaultUlimits);
        await using var stream = new BuildStream(x, x.Flag("q"));
        await stream.RunAsync(() => Builder.BuildAsync(request with { Room = stream.RoomAsync }, stream, x.Aborted)).ConfigureAwait(false);
    }

    private Task Prune(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "until", "unused-for", "id", "type", "description", "inuse", "shared", "private", "label", "label!");
        var until = filters.Until(daemon.Time.GetUtcNow());
        var all = x.Flag("all");
        // What may stay and what need not go come to the same here, where everything that is not used may go; the first has had two names.
        var keep = new[] { x.Number("reserved-space"), x.Number("keep-storage"), x.Number("max-used-space") }.Max() ?? 0;
        if (x.Number("min-free-space") is > 0)
            throw new EngineException(ErrorKind.NotSupported, "min-free-space is not supported: say how much is kept (reserved-space)");
        var (ids, bytes) = Builder.Prune(entry => Matches(entry, filters, until, all), keep);
        return x.WriteJsonAsync(200, new BuildPruneReport { CachesDeleted = ids, SpaceReclaimed = bytes }, DockerApiJson.Wire.BuildPruneReport);
    }

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
