using System.Globalization;
using System.Text.Json;
using Sampan.DockerApi.Builds;
using Sampan.DockerApi.Engines;
using Sampan.DockerApi.Images;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    /// <summary>Builds an image; messages come while it goes on, the failure as the last of them.</summary>
    /// <param name="context">A tar; null: <see cref="BuildOptions.Remote"/> says where it is.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up; so does the engine.</param>
    public async Task<IAsyncEnumerable<ProgressMessage>> BuildImageAsync(Stream? context, BuildOptions options, CancellationToken cancellationToken = default)
    {
        var target = new QueryString("/build").Add("dockerfile", options.Dockerfile).Add("t", options.Tags).Add("remote", options.Remote)
            .Add("buildargs", Json(options.Arguments)).Add("labels", Json(options.Labels)).Add("target", options.Target)
            .Add("nocache", options.NoCache).Add("nocachefilter", options.NoCacheStages).Add("pull", options.Pull).Add("q", options.Quiet).Add("networkmode", options.Network)
            .Add("extrahosts", options.ExtraHosts).Add("memory", options.Memory?.ToString(CultureInfo.InvariantCulture))
            .Add("shmsize", options.ShmSize?.ToString(CultureInfo.InvariantCulture)).Add("platform", options.Platform).Add("rm", "1")
            .Add("memswap", Number(options.MemorySwap)).Add("cpushares", Number(options.CpuShares)).Add("cpuperiod", Number(options.CpuPeriod)).Add("cpuquota", Number(options.CpuQuota))
            .Add("cpusetcpus", options.CpusetCpus).Add("cpusetmems", options.CpusetMems).Add("cgroupparent", options.CgroupParent)
            .Add("ulimits", options.Ulimits.Count == 0 ? null : JsonSerializer.Serialize(options.Ulimits, DockerApiJson.Wire.UlimitList))
            .Add("securityopt", options.SecurityOptions.Count == 0 ? null : JsonSerializer.Serialize(options.SecurityOptions, DockerApiJson.Wire.StringList))
            .Add("squash", options.Squash).Add("annotations", Json(options.Annotations))
            .Add("cachefrom", options.CacheFrom.Count == 0 ? null : JsonSerializer.Serialize(options.CacheFrom, DockerApiJson.Wire.StringList))
            .Add("cacheto", options.CacheTo).Add("cacheinline", options.InlineCache).Add("contexts", Json(options.Contexts)).Add("allow", options.Allow)
            .Add("ssh", options.SshAgents).Add("agentsession", options.AgentSession).Add("steps", options.Steps).Add("keepfailed", options.KeepFailed).Add("check", options.Check).Add("knowncontext", options.KnownContext);
        List<(string, string)> headers = [];
        if (options.RegistryConfig is { } config)
            headers.Add(("X-Registry-Config", config));
        if (options.Secrets is { } secrets)
            headers.Add(("X-Sampan-Secrets", secrets));
        var request = new HttpRequest { Method = "POST", Target = target.ToString(), Upload = context, ContentType = "application/x-tar", Headers = headers };
        return JsonLines.ReadAsync((await SendAsync(request, cancellationToken).ConfigureAwait(false)).Body, DockerApiJson.Wire.ProgressMessage, cancellationToken);
    }

    /// <summary>Removes what the builder keeps.</summary>
    /// <param name="all">Also what images have.</param>
    /// <param name="keepBytes">So much stays.</param>
    /// <param name="filters">Which.</param>
    /// <param name="maxUsedBytes">Only as much goes that no more than this is left.</param>
    /// <param name="minFreeBytes">Only as much goes that this is free on the disk.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<BuildPruneReport> PruneBuildsAsync(bool all = false, long? keepBytes = null, Filters? filters = null, long? maxUsedBytes = null, long? minFreeBytes = null, CancellationToken cancellationToken = default) =>
        await ReadAsync(
            await SendAsync("POST", new QueryString("/build/prune").Add("all", all).Add("reserved-space", Number(keepBytes)).Add("max-used-space", Number(maxUsedBytes)).Add("min-free-space", Number(minFreeBytes)).AddFilters(filters), cancellationToken).ConfigureAwait(false),
            DockerApiJson.Wire.BuildPruneReport, cancellationToken).ConfigureAwait(false);

    /// <summary>Sampan only: offers to send a context, and hears which contents are known from before. 404: another engine.</summary>
    /// <param name="key">The client's name for the context, the same each time.</param>
    /// <param name="path">Where it lies, for people.</param>
    /// <param name="files">For each file its name in the archive and what its content is known by, each followed by a zero byte; by nothing: an empty text.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<KnownContext> OfferContextAsync(string key, string path, Stream files, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequest { Method = "POST", Target = new QueryString("/sampan/builds/contexts").Add("key", key).Add("path", path).ToString(), Upload = files, ContentType = "application/octet-stream" };
        return await ReadAsync(await SendAsync(request, cancellationToken).ConfigureAwait(false), StoreJson.Wire.KnownContext, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sampan only: builds that the engine remembers, the youngest first. 404: another engine.</summary>
    public Task<IReadOnlyList<PastBuild>> ListBuildsAsync(CancellationToken cancellationToken = default) =>
        GetAsync(new QueryString("/sampan/builds"), StoreJson.Wire.PastBuildList, cancellationToken);

    /// <summary>Sampan only: a build with its steps, by its id or the beginning of it. 404: none, or another engine.</summary>
    public Task<PastBuild> InspectBuildAsync(string id, CancellationToken cancellationToken = default) =>
        GetAsync(new QueryString($"/sampan/builds/{Segment(id)}"), StoreJson.Wire.PastBuild, cancellationToken);

    /// <summary>Sampan only: what a build said.</summary>
    public async Task<Stream> OpenBuildLogAsync(string id, CancellationToken cancellationToken = default) =>
        (await SendAsync("GET", new QueryString($"/sampan/builds/{Segment(id)}/logs"), cancellationToken).ConfigureAwait(false)).Body;

    /// <summary>Sampan only: forgets a build that is over.</summary>
    public Task RemoveBuildAsync(string id, CancellationToken cancellationToken = default) =>
        DoAsync("DELETE", new QueryString($"/sampan/builds/{Segment(id)}"), cancellationToken);

    /// <summary>Sampan only: a line to an SSH agent of the client's; who wants to talk to it in the build asks by this line, and the client answers. 404: another engine.</summary>
    /// <param name="session">The build: what its <see cref="BuildOptions.AgentSession"/> is.</param>
    /// <param name="id">The agent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<HijackedStream> OpenAgentLineAsync(string session, string id, CancellationToken cancellationToken = default) =>
        HijackAsync(new HttpRequest { Method = "POST", Target = new QueryString("/sampan/builds/agents").Add("session", session).Add("id", id).ToString() }, cancellationToken);

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Json(IReadOnlyDictionary<string, string> map) => map.Count == 0 ? null : JsonSerializer.Serialize(map, DockerApiJson.Wire.StringMap);
}
