using Sampan.Build;
using Sampan.DockerApi;
using Sampan.DockerApi.Builds;
using Sampan.Engine;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Images;

/// <summary>What Docker's API has no words for, below <c>/sampan</c>: builds that were.</summary>
internal sealed class PastBuildEndpoints(DockerDaemon daemon)
{
    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("GET", "/sampan/builds", List);
        routes.Map("GET", "/sampan/builds/{id}", Inspect);
        routes.Map("GET", "/sampan/builds/{id}/logs", Logs);
        routes.Map("DELETE", "/sampan/builds/{id}", Remove);
    }

    private Task List(Exchange x)
    {
        IReadOnlyList<PastBuild> builds = [.. Builder.ListBuilds().Select(build => PastBuildMapper.ToBuild(build, withSteps: false))];
        return x.WriteJsonAsync(200, builds, StoreJson.Wire.PastBuildList);
    }

    private Task Inspect(Exchange x) => x.WriteJsonAsync(200, PastBuildMapper.ToBuild(Builder.FindBuild(x.Route("id")), withSteps: true), StoreJson.Wire.PastBuild);

    private async Task Logs(Exchange x)
    {
        await using var log = Builder.OpenLog(Builder.FindBuild(x.Route("id")));
        var output = await x.StartStreamAsync("text/plain; charset=utf-8").ConfigureAwait(false);
        await log.CopyToAsync(output, x.Aborted).ConfigureAwait(false);
    }

    private Task Remove(Exchange x)
    {
        var build = Builder.FindBuild(x.Route("id"));
        return Builder.RemoveBuilds(other => other.Id == build.Id).Count == 1 ? x.NoBody(204)
            : throw new EngineException(ErrorKind.Conflict, $"build {build.Id} runs: it is forgotten when it is over");
    }

    private Builder Builder => daemon.Builder ?? throw new EngineException(ErrorKind.NotSupported, "building images is not supported by this engine");
}
