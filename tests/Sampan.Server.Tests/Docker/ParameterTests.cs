using System.Collections.Concurrent;
using System.Text;
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
    private static async Task SendAsync(ServedRoutes served, string method, string target, string body, Func<bool> done)
    {
        using var socket = await served.ConnectAsync();
        var upgrade = target.Contains("/attach/ws", StringComparison.Ordinal)
            ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            : "Connection: close\r\n";
        var path = target.Replace("{", "%7B", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: a\r\n{upgrade}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var buffer = new byte[4096];
        while (!done())
        {
            if (await socket.ReceiveAsync(buffer, patience.Token) == 0)
                return;
        }
    }
}
