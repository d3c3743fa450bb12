using Microsoft.AspNetCore.Http;
using Sampan.DockerApi;
using Sampan.Engine;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Engines;

/// <summary>The endpoints about the engine itself.</summary>
internal sealed class SystemEndpoints(DockerDaemon daemon)
{
    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("GET", "/_ping", Ping);
        routes.Map("HEAD", "/_ping", Ping);
        routes.Map("GET", "/version", x => x.WriteJsonAsync(200, SystemMapper.ToVersion(daemon.Engine.Summary(), daemon.IsExperimental), DockerApiJson.Wire.SystemVersion));
        routes.Map("GET", "/info", x => x.WriteJsonAsync(200, SystemMapper.ToInfo(daemon.Engine.Summary(), daemon), DockerApiJson.Wire.SystemInfo, Shape.Info));
        routes.Map("GET", "/system/df", DiskUsage);
    }

    private async Task Ping(Exchange x)
    {
        var headers = x.Http.Response.Headers;
        headers.CacheControl = "no-cache, no-store, must-revalidate";
        headers.Pragma = "no-cache";
        // 2: BuildKit's protocol. Docker's client 20.10 chooses by it; newer ones without buildx take the classic endpoint whatever it says.
        headers["Builder-Version"] = "2";
        headers["Swarm"] = "inactive";
        // Docker's client has "build --squash" only then.
        if (daemon.IsExperimental)
            headers["Docker-Experimental"] = "true";
        await x.NoBody(200).ConfigureAwait(false);
        x.Http.Response.ContentType = "text/plain; charset=utf-8";
        x.Http.Response.ContentLength = HttpMethods.IsHead(x.Http.Request.Method) ? 0 : 2;
        if (!HttpMethods.IsHead(x.Http.Request.Method))
            await x.Http.Response.BodyWriter.WriteAsync("OK"u8.ToArray(), x.Aborted).ConfigureAwait(false);
    }

    private Task DiskUsage(Exchange x)
    {
        var types = x.QueryAll("type");
        foreach (var type in types)
        {
            if (type is not ("container" or "image" or "volume" or "build-cache"))
                throw new EngineException(ErrorKind.InvalidArgument, $"unknown object type: {type}");
        }

        var (lists, sums) = ApiVersionShims.DiskUsageForms(x.Version);
        var verbose = x.Flag("verbose");
        var all = DiskUsageMapper.Measure(daemon.Engine.DiskUsage(), name => types.Count == 0 || types.Contains(name), () => daemon.Builder?.ListCache() ?? [], daemon.Time.GetUtcNow());
        var usage = DiskUsageMapper.ToUsage(all, lists && !verbose, sums, verbose);
        if (x.Flag("limits") && daemon.Builder is { } builder)
            usage = usage with { BuildCacheLimits = [.. builder.Policies.Select(DiskUsageMapper.ToLimit)] };
        return x.WriteJsonAsync(200, usage, DockerApiJson.Wire.DiskUsage, Shape.DiskUsage);
    }
}
