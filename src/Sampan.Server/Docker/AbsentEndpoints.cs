using Sampan.Engine;
using Sampan.Server.Http;

namespace Sampan.Server.Docker;

/// <summary>What the API has and this engine has not: each answers what is missing, as a daemon that lacks it would.</summary>
internal static class AbsentEndpoints
{
    private const string NotAManager = "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";

    /// <summary>Adds the endpoints.</summary>
    internal static void Map(RouteTable routes)
    {
        foreach (var path in new[] { "/services", "/tasks", "/nodes", "/secrets", "/configs", "/swarm" })
            routes.Map("GET", path, OutsideSwarm).Map("GET", path + "/{rest*}", OutsideSwarm);
        foreach (var path in new[] { "/services/{rest*}", "/nodes/{rest*}", "/secrets/{rest*}", "/configs/{rest*}", "/swarm/update", "/swarm/unlock" })
            routes.Map("POST", path, OutsideSwarm).Map("DELETE", path, OutsideSwarm);
        foreach (var path in new[] { "/services/{name}/logs", "/tasks/{name}/logs" })
            routes.Map("GET", path, LogsOutsideSwarm);
        routes.Map("PUT", "/volumes/{rest*}", OutsideSwarm);
        routes.Map("POST", "/swarm/leave", _ => throw new EngineException(ErrorKind.Unavailable, "This node is not part of a swarm"));
        routes.Map("POST", "/swarm/init", Missing("swarm mode"));
        routes.Map("POST", "/swarm/join", Missing("swarm mode"));

        routes.Map("GET", "/containers/{id}/checkpoints", Missing("checkpoints"));
        routes.Map("POST", "/containers/{id}/checkpoints", Missing("checkpoints"));
    }

    private static Task OutsideSwarm(Exchange exchange) => throw new EngineException(ErrorKind.Unavailable, NotAManager);

    private static Task LogsOutsideSwarm(Exchange exchange) => exchange.Flag("stdout") || exchange.Flag("stderr")
        ? OutsideSwarm(exchange)
        : throw new EngineException(ErrorKind.InvalidArgument, "Bad parameters: you must choose at least one stream");

    private static Handler Missing(string what) => _ => throw new EngineException(ErrorKind.NotSupported, $"{what} is not supported by this engine");
}
