using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Every endpoint of the Docker Engine API, by the specification's list: each is there, and answers what a daemon answers to a name that does not exist.</summary>
public sealed class EndpointTests(SharedEngine engine) : EngineTest(engine)
{
    // Method, path, and the status without a body for things that are not there.
    private const string Endpoints = """
        GET /_ping 200
        HEAD /_ping 200
        GET /version 200
        GET /info 200
        GET /system/df 200
        GET /events?until=1 200
        POST /auth 400
        POST /commit?container=nothere 404
        GET /containers/json 200
        POST /containers/create 400
        POST /containers/prune?filters={"label":["endpoint=none"]} 200
        GET /containers/nothere/json 404
        GET /containers/nothere/top 404
        GET /containers/nothere/logs?stdout=1 404
        GET /containers/nothere/changes 404
        GET /containers/nothere/export 404
        GET /containers/nothere/stats 404
        POST /containers/nothere/resize?h=1&w=1 404
        POST /containers/nothere/start 404
        POST /containers/nothere/stop 404
        POST /containers/nothere/restart 404
        POST /containers/nothere/kill 404
        POST /containers/nothere/update 400
        POST /containers/nothere/rename?name=a 404
        POST /containers/nothere/pause 404
        POST /containers/nothere/unpause 404
        POST /containers/nothere/attach 404
        GET /containers/nothere/attach/ws 404
        POST /containers/nothere/wait 404
        POST /containers/nothere/exec 400
        DELETE /containers/nothere 404
        HEAD /containers/nothere/archive?path=/ 404
        GET /containers/nothere/archive?path=/ 404
        PUT /containers/nothere/archive?path=/ 404
        POST /exec/nothere/start 404
        POST /exec/nothere/resize?h=1&w=1 404
        GET /exec/nothere/json 404
        GET /images/json 200
        GET /images/nothere/json 404
        GET /images/nothere/history 404
        GET /images/nothere/get 404
        GET /images/get?names=nothere 404
        GET /images/nothere/attestations 404
        POST /images/nothere/tag?repo=a 404
        DELETE /images/nothere 404
        GET /networks 200
        POST /networks/create 400
        POST /networks/prune?filters={"label":["endpoint=none"]} 200
        GET /networks/nothere 404
        DELETE /networks/nothere 404
        POST /networks/nothere/connect 400
        POST /networks/nothere/disconnect 400
        GET /volumes 200
        POST /volumes/prune?filters={"label":["endpoint=none"]} 200
        GET /volumes/nothere 404
        DELETE /volumes/nothere 404
        PUT /volumes/nothere 503
        GET /containers/nothere/checkpoints 501
        POST /containers/nothere/checkpoints 400
        DELETE /containers/nothere/checkpoints/a 501
        OPTIONS /containers/json 200
        GET /plugins 200
        GET /plugins/privileges 400
        POST /plugins/pull 400
        POST /plugins/create?name=a 400
        GET /plugins/nothere/json 404
        DELETE /plugins/nothere 404
        POST /plugins/nothere/enable 404
        POST /plugins/nothere/disable 404
        POST /plugins/nothere/upgrade 400
        POST /plugins/nothere/push 404
        POST /plugins/nothere/set 400
        GET /swarm 503
        POST /swarm/leave 503
        POST /swarm/init 400
        POST /swarm/join 400
        POST /swarm/update 400
        GET /swarm/unlockkey 503
        POST /swarm/unlock 400
        GET /nodes 503
        GET /nodes/a 503
        DELETE /nodes/a 503
        POST /nodes/a/update 400
        GET /services 503
        POST /services/create 400
        GET /services/a 503
        DELETE /services/a 503
        POST /services/a/update 400
        GET /services/a/logs 400
        GET /services/a/logs?stdout=1 503
        GET /tasks 503
        GET /tasks/a 503
        GET /tasks/a/logs 400
        GET /tasks/a/logs?stdout=1 503
        GET /secrets 503
        POST /secrets/create 400
        GET /secrets/a 503
        DELETE /secrets/a 503
        POST /secrets/a/update 400
        GET /configs 503
        POST /configs/create 400
        GET /configs/a 503
        DELETE /configs/a 503
        POST /configs/a/update 400
        """;

    [Fact]
    public async Task Every_endpoint_is_there_in_the_oldest_and_the_newest_version()
    {
        var wrong = new List<string>();
        foreach (var version in new[] { "/v1.24", "/v1.50", "" })
        {
            foreach (var fields in Endpoints.Split('\n').Select(line => line.Trim().Split(' ')))
            {
                var (status, body) = await Daemon.SendAsync(new HttpMethod(fields[0]), version + fields[1]);
                if (status.ToString(System.Globalization.CultureInfo.InvariantCulture) != fields[2])
                    wrong.Add($"{fields[0]} {version}{fields[1]}: {status} instead of {fields[2]}: {body.Trim()}");
                else if (body.Contains("page not found", StringComparison.Ordinal))
                    wrong.Add($"{fields[0]} {version}{fields[1]}: there is no such endpoint");
            }
        }

        wrong.ShouldBeEmpty(string.Join('\n', wrong));
    }
}
