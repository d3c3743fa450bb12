using System.Collections.Concurrent;
using System.Text;
using Sampan.DockerApi;
using Sampan.Engine.Execs;
using Sampan.Engine.Tests.Doubles;
using Sampan.Server.Docker;
using Sampan.Server.Http;
using Sampan.Server.Tests.Http;

namespace Sampan.Server.Tests.Docker;

/// <summary>Every query parameter of the specification (1.55, and what older clients send): somebody looks at it, or this table says why nobody need.</summary>
public sealed class ParameterTests
{
    // Method, path with all of its parameters, body; behind a bar the parameters that nobody looks at, with the reason.
    private const string Endpoints = """
        GET /containers/json?all=1&limit=1&size=1&filters={}
        POST /containers/create?name=made&platform=linux {"Image":"busybox"}
        GET /containers/run/json?size=1
        GET /containers/run/top?ps_args=-ef
        GET /containers/run/logs?follow=0&stdout=1&stderr=1&since=0&until=0&timestamps=1&tail=1&details=1
        GET /containers/run/stats?stream=0&one-shot=1
        POST /containers/run/resize?h=1&w=1
        POST /containers/idle/start?detachKeys=a&checkpoint=&checkpoint-dir= | detachKeys: nothing is attached by it
        POST /containers/idle/stop?signal=TERM&t=1
        POST /containers/idle/restart?signal=TERM&t=1
        POST /containers/run/kill?signal=0
        POST /containers/idle/rename?name=idle2
        POST /containers/run/attach?detachKeys=ctrl-a&logs=0&stream=1&stdin=0&stdout=1&stderr=1
        GET /containers/run/attach/ws?detachKeys=ctrl-a&logs=0&stream=1&stdin=0&stdout=1&stderr=1
        POST /containers/run/wait?condition=next-exit
        DELETE /containers/nothere?v=1&force=1&link=0
        HEAD /containers/idle/archive?path=/
        GET /containers/idle/archive?path=/
        PUT /containers/idle/archive?path=/&noOverwriteDirNonDir=1&copyUIDGID=1
        POST /containers/prune?filters={}
        GET /images/json?all=1&filters={}&shared-size=1&digests=1&manifests=1&identity=1 | digests: they are always there
        POST /build?dockerfile=a&t=a&extrahosts=a:1.1.1.1&remote=&q=0&nocache=1&cachefrom=[]&pull=1&rm=1&forcerm=1&memory=1&memswap=1&cpushares=1&cpusetcpus=0&cpusetmems=0&cpuperiod=1&cpuquota=1&buildargs={}&shmsize=1&squash=0&labels={}&networkmode=none&platform=linux&target=a&outputs=&version=1&ulimits=[]&securityopt=[]&cgroupparent=/a&isolation=default | forcerm: containers of a build are always removed
        POST /build/prune?reserved-space=1&keep-storage=1&max-used-space=1&min-free-space=1&all=1&filters={}
        POST /images/create?fromImage=a.invalid/b&tag=c&platform=linux
        POST /images/create?fromSrc=-&repo=a&tag=b&message=c&changes=&platform=linux
        GET /images/busybox/json?manifests=1&platform=
        GET /images/busybox/attestations?platform={"os":"linux"}&type=b&statement=1
        GET /images/busybox/history?platform=
        POST /images/nothere/push?tag=a&platform=
        POST /images/busybox/tag?repo=a&tag=b
        DELETE /images/nothere?force=1&noprune=1&platforms=
        GET /images/search?term=a&limit=-1&filters={}
        POST /images/prune?filters={}
        POST /commit?container=run&repo=a&tag=b&comment=c&author=d&pause=0&changes=
        GET /events?since=1&until=1&filters={}
        GET /system/df?type=image&verbose=1
        GET /images/nothere/get?platform=
        GET /images/get?names=nothere&platform=
        POST /images/load?quiet=1&platform= | quiet: loading tells no progress in any case
        POST /exec/EXEC/resize?h=1&w=1
        GET /volumes?filters={}
        DELETE /volumes/nothere?force=1
        POST /volumes/prune?filters={}
        GET /networks?filters={}
        GET /networks/bridge?verbose=1&scope=local
        POST /networks/prune?filters={}
        GET /plugins?filters={}
        GET /plugins/privileges?remote=127.0.0.1:1/a
        POST /plugins/pull?remote=127.0.0.1:1/a&name=b []
        POST /plugins/create?name=UPPER
        POST /plugins/nothere/enable?timeout=1
        POST /plugins/nothere/disable?force=1
        POST /plugins/nothere/upgrade?remote=127.0.0.1:1/a []
        DELETE /plugins/nothere?force=1
        PUT /volumes/nothere?version=1 | version: only a swarm's volumes have one
        GET /nodes?filters={}
        DELETE /nodes/a?force=1 | force: there is no swarm
        POST /nodes/a/update?version=1 {}
        POST /swarm/leave?force=1 | force: there is no swarm
        POST /swarm/update?version=1&rotateWorkerToken=1&rotateManagerToken=1&rotateManagerUnlockKey=1 {}
        GET /services?filters={}&status=1
        GET /services/a?insertDefaults=1
        POST /services/a/update?version=1&registryAuthFrom=spec&rollback=previous {} | registryAuthFrom, rollback: there is no swarm
        GET /services/a/logs?details=1&follow=1&stdout=1&stderr=1&since=1&timestamps=1&tail=1 | details, follow, stderr, since, timestamps, tail: there is no swarm
        GET /tasks?filters={}
        GET /tasks/a/logs?details=1&follow=1&stdout=1&stderr=1&since=1&timestamps=1&tail=1 | details, follow, stderr, since, timestamps, tail: there is no swarm
        GET /secrets?filters={}
        POST /secrets/a/update?version=1 {}
        GET /configs?filters={}
        POST /configs/a/update?version=1 {}
        """;

    // A value that a parameter cannot have, and the status that tells so. A flag has none: whatever is not 0, no, false or none is true.
    private const string WrongValues = """
        GET /containers/json?limit=x 400
        GET /containers/json?filters={ 400
        GET /containers/json?filters={"nonsense":["a"]} 400
        GET /containers/json?filters={"status":["nonsense"]} 400
        POST /containers/create?name=-bad 400 {"Image":"busybox"}
        POST /containers/create?platform=a/b/c/d/e 400 {"Image":"busybox"}
        GET /containers/run/top?ps_args=-Z+nonsense 400
        GET /containers/run/logs?stdout=1&since=x 400
        GET /containers/run/logs?stdout=1&until=x 400
        GET /containers/run/logs?stdout=0&stderr=0 400
        GET /containers/run/logs?stdout=1&tail=x 200
        POST /containers/run/resize?h=x&w=1 400
        POST /containers/run/resize?h=1&w=x 400
        POST /containers/idle/start?checkpoint=a 501
        POST /containers/idle/start?checkpoint-dir=a 501
        POST /containers/run/stop?t=x 400
        POST /containers/run/stop?signal=NONSENSE 400
        POST /containers/run/restart?t=x 400
        POST /containers/run/restart?signal=NONSENSE 400
        POST /containers/run/kill?signal=NONSENSE 400
        POST /containers/idle/rename?name=bad/name 400
        POST /containers/idle/rename?name= 400
        POST /containers/run/attach?stream=1&stdout=1&detachKeys=nonsense 400
        POST /containers/run/wait?condition=nonsense 400
        GET /containers/idle/archive?path= 400
        HEAD /containers/idle/archive?path= 400
        PUT /containers/idle/archive?path= 400
        POST /containers/prune?filters={"until":["x"]} 400
        GET /images/json?filters={"nonsense":["a"]} 400
        GET /images/busybox/json?platform=x 400
        GET /images/busybox/json?platform={"os":"linux"}&manifests=1 400
        GET /images/busybox/history?platform=x 400
        GET /images/busybox/attestations?platform=x 400
        GET /images/busybox/get?platform=x 400
        GET /images/get?names=UPPER 400
        POST /images/load?platform=x 400
        POST /images/busybox/push?platform=x 400
        POST /images/busybox/tag?repo=UPPER 400
        POST /images/busybox/tag?repo=a&tag=-b 400
        DELETE /images/busybox?platforms=x 400
        GET /images/search?term=a&limit=x 400
        GET /images/search?term=a&limit=1000 400
        GET /images/search?term=a&filters={"stars":["x"]} 400
        POST /images/prune?filters={"dangling":["x"]} 400
        POST /images/create?fromImage=UPPER 400
        POST /images/create?fromImage=a&tag=-b 400
        POST /images/create?fromImage=a&platform=a/b/c/d/e 400
        POST /images/create?fromSrc=-&repo=UPPER 400
        POST /images/create?fromSrc=-&changes=NONSENSE 400
        POST /images/create?fromSrc=-&platform=a/b/c/d/e 400
        POST /commit?container=idle&repo=UPPER 400 {}
        POST /commit?container=idle&repo=a&tag=-b 400 {}
        POST /commit?container=idle&changes=NONSENSE 400 {}
        POST /build?t=UPPER 400
        POST /build?version=7 400
        POST /build?buildargs=x 400
        POST /build?labels=x 400
        POST /build?ulimits=x 400
        POST /build?cachefrom=x 400
        POST /build?memory=x 400
        POST /build?memswap=x 400
        POST /build?cpushares=x 400
        POST /build?cpuperiod=x 400
        POST /build?cpuquota=x 400
        POST /build?shmsize=x 400
        POST /build?isolation=nonsense 400
        POST /build?platform=a/b/c/d/e 400
        POST /build?outputs=x 501
        POST /build?rm=0 501
        POST /build/prune?reserved-space=x 400
        POST /build/prune?keep-storage=x 400
        POST /build/prune?max-used-space=x 400
        POST /build/prune?min-free-space=x 400
        POST /build/prune?filters={"nonsense":["a"]} 400
        GET /events?since=x 400
        GET /events?until=x 400
        GET /events?since=5&until=1 400
        GET /events?filters={"nonsense":["a"]} 400
        GET /system/df?type=nonsense 400
        POST /exec/EXEC/resize?h=x&w=1 400
        GET /volumes?filters={"dangling":["x"]} 400
        POST /volumes/prune?filters={"all":["x"]} 400
        GET /networks?filters={"dangling":["x"]} 400
        GET /networks?filters={"type":["nonsense"]} 400
        GET /networks/bridge?verbose=x 400
        GET /networks/bridge?scope=swarm 404
        POST /networks/prune?filters={"until":["x"]} 400
        GET /plugins?filters={"enabled":["x"]} 400
        GET /plugins/privileges?remote=UPPER 400
        POST /plugins/pull?remote=UPPER 400 []
        POST /plugins/pull?remote=a&name=UPPER 400 []
        POST /plugins/nothere/enable?timeout=x 400
        POST /plugins/nothere/enable?timeout=-1 400
        POST /plugins/nothere/upgrade?remote=UPPER 400 []
        GET /nodes?filters={ 400
        GET /services?filters={ 400
        GET /services?status=x 400
        GET /services/a?insertDefaults=x 400
        GET /services/a/logs?stdout=0 400
        GET /tasks?filters={ 400
        GET /secrets?filters={ 400
        GET /configs?filters={ 400
        POST /swarm/update?version=x 400 {}
        POST /swarm/update?version=1&rotateWorkerToken=x 400 {}
        POST /swarm/update?version=1&rotateManagerToken=x 400 {}
        POST /swarm/update?version=1&rotateManagerUnlockKey=x 400 {}
        POST /nodes/a/update?version=x 400 {}
        POST /services/a/update?version=x 400 {}
        POST /secrets/a/update?version=x 400 {}
        POST /configs/a/update?version=x 400 {}
        """;

    [Fact]
    public async Task No_parameter_is_ignored_silently()
    {
        var seen = new ConcurrentDictionary<string, RecordedQuery>();
        await using var harbour = await Harbour.OpenAsync();
        await harbour.RunAsync(Harbour.Spec with { OpenStdin = true, Tty = true }, "run");
        await harbour.CreateAsync(name: "idle");
        var exec = harbour.Engine.Execs.Create("run", new ExecSpec { Command = ["true"], Tty = true });
        await using var served = await ServedRoutes.StartAsync(Recording(DockerRoutes.Of(new DockerDaemon { Engine = harbour.Engine, Time = TimeProvider.System }), seen));
        var wrong = new List<string>();

        foreach (var line in Endpoints.Split('\n').Select(line => line.Trim()))
        {
            var (request, excused) = line.Split(" | ") is [var plain, var reasons] ? (plain, reasons.Split(':')[0].Split(", ")) : (line, []);
            var fields = request.Split(' ', 3);
            var target = fields[1].Replace("EXEC", exec, StringComparison.Ordinal);
            seen.Clear();

            await SendAsync(served, fields[0], target, fields.ElementAtOrDefault(2) ?? "", () => seen.TryGetValue("", out var query) && !query.Unasked.Except(excused).Any());

            if (!seen.TryGetValue("", out var asked))
                wrong.Add($"{request}: there is no such endpoint");
            else if (!asked.Unasked.Order().SequenceEqual(excused.Order()))
                wrong.Add($"{request}: nobody looked at {string.Join(", ", asked.Unasked)}; excused are {string.Join(", ", excused)}");
        }

        wrong.ShouldBeEmpty(string.Join('\n', wrong));
    }

    [Fact]
    public async Task Value_that_a_parameter_cannot_have_is_refused()
    {
        await using var harbour = await Harbour.OpenAsync();
        await harbour.RunAsync(Harbour.Spec with { OpenStdin = true, Tty = true }, "run");
        await harbour.CreateAsync(name: "idle");
        var exec = harbour.Engine.Execs.Create("run", new ExecSpec { Command = ["true"], Tty = true });
        await using var served = await ServedRoutes.StartAsync(DockerRoutes.Of(new DockerDaemon { Engine = harbour.Engine, Time = TimeProvider.System }));
        var wrong = new List<string>();

        foreach (var line in WrongValues.Split('\n').Select(line => line.Trim()))
        {
            var fields = line.Split(' ', 4);
            var answer = await SendAsync(served, fields[0], fields[1].Replace("EXEC", exec, StringComparison.Ordinal), fields.ElementAtOrDefault(3) ?? "", () => false);
            if (!answer.StartsWith($"HTTP/1.1 {fields[2]} ", StringComparison.Ordinal))
                wrong.Add($"{line}: {answer.ReplaceLineEndings(" ")}");
        }

        wrong.ShouldBeEmpty(string.Join('\n', wrong));
    }

    [Fact]
    public async Task Parameter_is_known_from_its_first_version_to_its_last()
    {
        await using var harbour = await Harbour.OpenAsync();
        var routes = DockerRoutes.Of(new DockerDaemon { Engine = harbour.Engine, Time = TimeProvider.System }).Routes.ToList();

        foreach (var row in ApiVersionShims.Parameters)
        {
            var route = routes.Single(route => route.Method == row.Method && route.Template == row.Template);
            var turn = (row.Since ?? row.Below).ShouldNotBeNull();

            ApiVersionShims.Knows(ApiVersion.Oldest, route, row.Name).ShouldBe(row.Since is null, row.ToString());
            ApiVersionShims.Knows(new(turn.Major, turn.Minor - 1), route, row.Name).ShouldBe(row.Since is null, row.ToString());
            ApiVersionShims.Knows(turn, route, row.Name).ShouldBe(row.Since is not null, row.ToString());
            ApiVersionShims.Knows(ApiVersion.Newest, route, row.Name).ShouldBe(row.Since is not null, row.ToString());
            ApiVersionShims.Knows(ApiVersion.Oldest, route, "another").ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData("GET", "/images/nothere/get")]
    [InlineData("GET", "/images/get")]
    [InlineData("POST", "/images/load")]
    public async Task Archives_of_several_platforms_are_for_versions_that_know_them(string method, string path)
    {
        const string Told = "multiple platform parameters are not supported in this API version; use API version 1.52 or later";
        await using var harbour = await Harbour.OpenAsync();
        await using var served = await ServedRoutes.StartAsync(DockerRoutes.Of(new DockerDaemon { Engine = harbour.Engine, Time = TimeProvider.System }));
        var target = path + "?names=nothere&platform={\"os\":\"linux\"}&platform={\"os\":\"linux\"}";

        (await SendAsync(served, method, "/v1.51" + target, "", () => false)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("HTTP/1.1 400 "), answer => answer.ShouldContain(Told));
        (await SendAsync(served, method, "/v1.52" + target, "", () => false)).ShouldNotContain(Told);
        (await SendAsync(served, method, "/v1.47" + target, "", () => false)).ShouldNotContain(Told);
    }

    [Theory]
    [InlineData("/v1.29/containers/run/wait?condition=nonsense", "/v1.30/containers/run/wait?condition=nonsense", "POST")]
    [InlineData("/v1.47/images/busybox/json?platform=x", "/v1.49/images/busybox/json?platform=x", "GET")]
    [InlineData("/v1.41/system/df?type=nonsense", "/v1.42/system/df?type=nonsense", "GET")]
    public async Task Parameter_that_came_later_is_passed_over(string before, string since, string method)
    {
        await using var harbour = await Harbour.OpenAsync();
        await harbour.CreateAsync(name: "run");
        await using var served = await ServedRoutes.StartAsync(DockerRoutes.Of(new DockerDaemon { Engine = harbour.Engine, Time = TimeProvider.System }));

        (await SendAsync(served, method, before, "", () => false)).ShouldStartWith("HTTP/1.1 200 ");
        (await SendAsync(served, method, since, "", () => false)).ShouldStartWith("HTTP/1.1 400 ");
    }

    private static RouteTable Recording(RouteTable routes, ConcurrentDictionary<string, RecordedQuery> seen)
    {
        var recording = new RouteTable();
        foreach (var route in routes.Routes)
        {
            recording.Map(route.Method, route.Template, exchange =>
            {
                var query = new RecordedQuery(exchange.Http.Request.Query);
                exchange.Http.Request.Query = query;
                seen[""] = query;
                return route.Handler(exchange);
            });
        }

        return recording;
    }

    // Some answers never end: it is enough that all parameters have been looked at.
    private static async Task<string> SendAsync(ServedRoutes served, string method, string target, string body, Func<bool> done)
    {
        using var socket = await served.ConnectAsync();
        var upgrade = target.Contains("/attach/ws", StringComparison.Ordinal)
            ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            : "Connection: close\r\n";
        var path = target.Replace("{", "%7B", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal).Replace("\"", "%22", StringComparison.Ordinal);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: a\r\n{upgrade}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var buffer = new byte[4096];
        var answer = new StringBuilder();
        while (!done())
        {
            var count = await socket.ReceiveAsync(buffer, patience.Token);
            if (count == 0)
                break;
            answer.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return answer.ToString();
    }
}
