using System.Globalization;
using Sampan.Engine;
using Sampan.Server.Http;

namespace Sampan.Server.Docker;

/// <summary>What the API has and this engine has not: each answers as a daemon outside of a swarm, or one that lacks it, which looks at the request first.</summary>
internal static class AbsentEndpoints
{
    /// <summary>Adds the endpoints.</summary>
    internal static void Map(RouteTable routes)
    {
        foreach (var kind in new[] { "service", "task", "node", "secret", "config" })
            routes.Map("GET", $"/{kind}s", List).Map("GET", $"/{kind}s/{{id}}", Inspect);
        foreach (var kind in new[] { "service", "secret", "config" })
            routes.Map("POST", $"/{kind}s/create", Sent(OutsideSwarm));
        foreach (var kind in new[] { "service", "node", "secret", "config" })
            routes.Map("DELETE", $"/{kind}s/{{id}}", _ => throw OutsideSwarm()).Map("POST", $"/{kind}s/{{id}}/update", Updated(kind));
        routes.Map("GET", "/services/{id}/logs", Logs);
        routes.Map("GET", "/tasks/{id}/logs", Logs);

        routes.Map("GET", "/swarm", _ => throw OutsideSwarm());
        routes.Map("GET", "/swarm/unlockkey", _ => throw OutsideSwarm());
        routes.Map("POST", "/swarm/unlock", Sent(OutsideSwarm));
        routes.Map("POST", "/swarm/update", Updated("swarm"));
        routes.Map("POST", "/swarm/leave", _ => throw new EngineException(ErrorKind.Unavailable, "This node is not part of a swarm"));
        routes.Map("POST", "/swarm/init", Sent(NoSwarm));
        routes.Map("POST", "/swarm/join", Sent(NoSwarm));
        routes.Map("PUT", "/volumes/{name}", _ => throw new EngineException(ErrorKind.Unavailable, "volume update only valid for cluster volumes, but swarm is unavailable"));

        routes.Map("GET", "/containers/{id}/checkpoints", _ => throw NoCheckpoints());
        routes.Map("POST", "/containers/{id}/checkpoints", Sent(NoCheckpoints));
        routes.Map("DELETE", "/containers/{id}/checkpoints/{checkpoint}", _ => throw NoCheckpoints());
    }

    /// <summary>What only a manager of a swarm can do.</summary>
    internal static EngineException OutsideSwarm() =>
        new(ErrorKind.Unavailable, "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.");

    private static EngineException NoSwarm() => new(ErrorKind.NotSupported, "swarm mode is not supported by this engine");

    private static EngineException NoCheckpoints() => new(ErrorKind.NotSupported, "checkpoints are not supported by this engine");

    private static Task List(Exchange x)
    {
        _ = Filters.Read(x.Query("filters"));
        _ = x.StrictFlag("status");
        throw OutsideSwarm();
    }

    private static Task Inspect(Exchange x)
    {
        _ = x.StrictFlag("insertDefaults");
        throw OutsideSwarm();
    }

    private static Task Logs(Exchange x) => x.Flag("stdout") || x.Flag("stderr")
        ? throw OutsideSwarm()
        : throw new EngineException(ErrorKind.InvalidArgument, "Bad parameters: you must choose at least one stream");

    private static Handler Sent(Func<EngineException> refusal) => async x =>
    {
        _ = await x.ReadJsonAsync(DockerApiNodes.Wire).ConfigureAwait(false);
        throw refusal();
    };

    private static Handler Updated(string kind) => async x =>
    {
        _ = await x.ReadJsonAsync(DockerApiNodes.Wire).ConfigureAwait(false);
        if (!ulong.TryParse(x.Query("version"), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw new EngineException(ErrorKind.InvalidArgument, kind is "secret" or "config" ? $"invalid {kind} version" : $"invalid {kind} version '{x.Query("version")}': expected a whole number");
        foreach (var flag in new[] { "rotateWorkerToken", "rotateManagerToken", "rotateManagerUnlockKey" })
            _ = x.StrictFlag(flag);
        throw OutsideSwarm();
    };
}
