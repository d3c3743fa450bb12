using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Sampan.Build;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos.Control;
using Sampan.BuildKit.Protos.Ops;
using Sampan.Engine.Tests.Doubles;
using Sampan.Server.Docker;
using Sampan.Server.Tests.Http;
using Asked = Sampan.BuildKit.Protos.Gateway;

namespace Sampan.Server.Tests.Grpc;

/// <summary>The calls that buildx makes for a build, in its order, by a client of our own.</summary>
public sealed class BuildKitTests
{
    private const string Control = "/moby.buildkit.v1.Control/";
    private const string Bridge = "/moby.buildkit.v1.frontend.LLBBridge/";

    [Fact]
    public async Task A_build_is_a_call_that_stays_open_while_its_pieces_are_asked_for()
    {
        await using var served = await Served.OpenAsync("FROM busybox\nLABEL a=b\nENV C=d\n");
        using var session = await served.OpenSessionAsync("session-1");
        using var client = new UpgradedClient(served.Routes);

        var solving = client.CallAsync(Control + "Solve", new SolveRequest { Ref = "build-1", Session = "session-1", Exporters = { new Exporter { Type = "moby", Attrs = { ["name"] = "made:1" } } } }, SolveResponse.Parser);
        var telling = client.CallAsync(Control + "Status", new StatusRequest { Ref = "build-1" }, StatusResponse.Parser);
        var pong = await client.CallAsync(Bridge + "Ping", new Asked.PingRequest(), Asked.PongResponse.Parser, "build-1");
        pong.Answers.Single().FrontendAPICaps.ShouldContain(cap => cap.ID == "solve.base" && cap.Enabled);
        pong.Answers.Single().Workers.Count.ShouldBe(1);

        var made = await client.CallAsync(Bridge + "Solve", served.Ask(), Asked.SolveResponse.Parser, "build-1");
        made.Message.ShouldBe("");
        var result = made.Answers.Single().Result;
        result.Metadata["containerimage.config"].ToStringUtf8().ShouldContain("\"a\":\"b\"");
        solving.IsCompleted.ShouldBeFalse();
        (await client.CallAsync(Bridge + "Return", new Asked.ReturnRequest { Result = result }, Asked.ReturnResponse.Parser, "build-1")).Status.ShouldBe(0);

        var solved = await solving;
        solved.Status.ShouldBe(0);
        var answer = solved.Answers.Single().ExporterResponse;
        answer["image.name"].ShouldBe("docker.io/library/made:1");
        served.Engine.Steps.Find("made:1", null).ShouldNotBeNull().Id.ToString().ShouldBe(answer["containerimage.digest"]);
        var told = await telling;
        told.Status.ShouldBe(0);
        told.Answers.SelectMany(status => status.Vertexes).Select(vertex => vertex.Name).ShouldContain(name => name.Contains("FROM busybox", StringComparison.Ordinal));

        // What a build gave is what the next one stands on.
        var next = client.CallAsync(Control + "Solve", new SolveRequest { Ref = "build-2", Session = "session-1" }, SolveResponse.Parser);
        var known = await client.CallAsync(Bridge + "Solve", new Asked.SolveRequest { Definition = result.Ref.Def }, Asked.SolveResponse.Parser, "build-2");
        known.Answers.Single().Result.Metadata["containerimage.config"].ShouldBe(result.Metadata["containerimage.config"]);
        await client.CallAsync(Bridge + "Return", new Asked.ReturnRequest(), Asked.ReturnResponse.Parser, "build-2");
        (await next).Status.ShouldBe(0);
    }

    [Fact]
    public async Task A_client_that_fails_ends_its_build_with_its_own_words()
    {
        await using var served = await Served.OpenAsync("FROM busybox\nNONSENSE\n");
        using var session = await served.OpenSessionAsync("session-1");
        using var client = new UpgradedClient(served.Routes);
        var solving = client.CallAsync(Control + "Solve", new SolveRequest { Ref = "build-1", Session = "session-1" }, SolveResponse.Parser);

        var wrong = await client.CallAsync(Bridge + "Solve", served.Ask(), Asked.SolveResponse.Parser, "build-1");
        wrong.Status.ShouldBe((int)GrpcCode.Unknown);
        wrong.Message.ShouldContain("unknown instruction: NONSENSE");
        wrong.Message.ShouldContain(">>> NONSENSE");
        await client.CallAsync(Bridge + "Return", new Asked.ReturnRequest { Error = new Sampan.BuildKit.Protos.Status { Code = 2, Message = "so it is" } }, Asked.ReturnResponse.Parser, "build-1");

        var solved = await solving;
        solved.Status.ShouldBe(2);
        solved.Message.ShouldBe("so it is");
    }

    [Fact]
    public async Task An_image_that_nobody_wants_goes_with_its_clients_connection_and_one_that_was_there_stays()
    {
        await using var served = await Served.OpenAsync("FROM busybox\nLABEL unwanted=yes\n");
        using var session = await served.OpenSessionAsync("session-1");
        string image;
        using (var client = new UpgradedClient(served.Routes))
        {
            var solved = await client.CallAsync(Control + "Solve", served.Whole("build-1"), SolveResponse.Parser);
            solved.Message.ShouldBe("");
            image = served.Engine.Images.List().Single(each => each.RepoTags.Count == 0).Id;
            client.Break();
        }

        for (var deadline = DateTime.UtcNow.AddMinutes(1); served.Engine.Steps.Find(image, null) is not null; await Task.Delay(20))
            DateTime.UtcNow.ShouldBeLessThan(deadline, "the image stays");
        served.Engine.Steps.Find("busybox", null).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused_by_its_name()
    {
        await using var served = await Served.OpenAsync("FROM busybox\n");
        using var session = await served.OpenSessionAsync("session-1");
        using var client = new UpgradedClient(served.Routes);

        await RefusedAsync(request => request.Exporters.Add(new Exporter { Type = "oci" }), "exporter 'oci' is not supported");
        await RefusedAsync(request => request.Exporters.Add([new Exporter { Type = "moby" }, new Exporter { Type = "local" }]), "several outputs");
        await RefusedAsync(request => request.FrontendAttrs["attest:provenance"] = "mode=max", "attestations ('attest:provenance=mode=max')");
        await RefusedAsync(request => request.FrontendAttrs["hostname"] = "x", "'hostname'");
        await RefusedAsync(request => request.FrontendAttrs["invented"] = "x", "the attribute 'invented'");
        await RefusedAsync(request => request.FrontendAttrs["platform"] = "linux/amd64,linux/arm64", "several platforms");
        await RefusedAsync(request => request.FrontendAttrs["ulimit"] = "nofile", "invalid ulimit 'nofile'");
        await RefusedAsync(request => request.FrontendAttrs["context:x"] = "input:x", "the client gave nothing for context 'context:x=input:x'");
        await RefusedAsync(request => request.Entitlements.Add("everything"), "unknown entitlement 'everything'");
        await RefusedAsync(request => request.Cache = new CacheOptions { Exports = { new CacheOptionsEntry { Type = "gha" } } }, "a cache of type 'gha' is not supported");
        await RefusedAsync(request => request.FrontendAttrs["cache-imports"] = "[{\"Type\":\"s3\",\"Attrs\":{}}]", "a cache of type 's3' is not supported");
        await RefusedAsync(request => request.SourcePolicy = new Sampan.BuildKit.Protos.Policies.Policy { Version = 1 }, "source policies are not supported");
        await RefusedAsync(request => request.Frontend = "gateway.v0", "frontend 'gateway.v0' is not supported");
        await RefusedAsync(request => request.Definition = new Definition { Def = { ByteString.CopyFromUtf8("x"), ByteString.Empty } }, "malformed graph");
        await RefusedAsync(request => request.Definition = new Definition { Def = { new Op { Source = new SourceOp { Identifier = "docker-image://busybox" } }.ToByteString(), ByteString.Empty } }, "graphs of operations (LLB) are not supported");
        await RefusedAsync(
            request =>
            {
                request.Definition = Sampan.Server.BuildKit.ImageGraph.Of("sha256:00");
                request.Exporters.Add(new Exporter { Type = "moby", Attrs = { ["name"] = "made:1" } });
            },
            "names for what was built before are not supported");
        await RefusedAsync(request => request.FrontendAttrs["cache-imports"] = "[{\"Type\":\"registry\",\"Attrs\":{\"ref\":\"a\",\"ref\":\"b\"}}]", "invalid 'cache-imports'");
        var none = await client.CallAsync(Bridge + "Solve", new Asked.SolveRequest(), Asked.SolveResponse.Parser);
        none.Status.ShouldBe((int)GrpcCode.InvalidArgument);
        var container = await client.CallAsync(Bridge + "NewContainer", new Asked.PingRequest(), Asked.PongResponse.Parser, "build");
        container.Message.ShouldContain("NewContainer");
        (await client.CallAsync(Bridge + "ReadDir", new Asked.ReadDirRequest(), Asked.PongResponse.Parser, "build")).Message.ShouldContain("does not announce 'readdir'");
        (await client.CallAsync(Bridge + "StatFile", new Asked.StatFileRequest(), Asked.PongResponse.Parser, "build")).Message.ShouldContain("does not announce 'statfile'");

        async Task RefusedAsync(Action<SolveRequest> change, string why)
        {
            var request = served.Whole(Guid.NewGuid().ToString("n"));
            change(request);
            var refused = await client.CallAsync(Control + "Solve", request, SolveResponse.Parser);
            refused.Status.ShouldNotBe(0, why);
            refused.Message.ShouldContain(why);
        }
    }

    [Theory]
    [InlineData("remote=upload-request", "needs a 'buildid'")]
    [InlineData("cachefrom=%5B%22type=registry,type=registry,ref=a%22%5D", "invalid cache-from 'type=registry,type=registry,ref=a'")]
    [InlineData("cachefrom=%5B%22type=registry,ref=a,ref=b%22%5D", "invalid cache-from")]
    [InlineData("cachefrom=%5B%22type=registry%22%5D", "invalid cache-from")]
    public async Task A_build_of_a_session_that_is_asked_for_wrongly_is_refused(string query, string why)
    {
        await using var served = await Served.OpenAsync("FROM busybox\n");
        using var session = await served.OpenSessionAsync("session-1");

        var answer = await served.Routes.TalkAsync($"POST /v1.41/build?version=2&session=session-1&{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain(why);
    }

    [Fact]
    public async Task Questions_about_a_Dockerfile_are_answered_and_the_cache_and_the_history_are_told()
    {
        await using var served = await Served.OpenAsync("ARG A=1\nFROM busybox AS one\nRUN --mount=type=secret,id=s,required=true true\nFROM one AS two\nARG B\n");
        using var session = await served.OpenSessionAsync("session-1");
        using var client = new UpgradedClient(served.Routes);
        var solving = client.CallAsync(Control + "Solve", new SolveRequest { Ref = "build-1", Session = "session-1" }, SolveResponse.Parser);

        (await AnswerAsync("frontend.targets")).ShouldContain("\"name\":\"two\",\"default\":true,\"base\":\"one\"");
        var outline = await AnswerAsync("frontend.outline");
        outline.ShouldContain("{\"name\":\"A\",\"value\":\"1\"");
        outline.ShouldContain("\"secrets\":[{\"name\":\"s\",\"required\":true");
        (await AnswerAsync("frontend.lint")).ShouldStartWith("{\"warnings\":[");
        (await AnswerAsync("frontend.subrequests.describe")).ShouldContain("frontend.lint");
        (await client.CallAsync(Bridge + "Solve", served.Ask("frontend.invented"), Asked.SolveResponse.Parser, "build-1")).Message.ShouldContain("'frontend.invented' is not supported");
        await client.CallAsync(Bridge + "Return", new Asked.ReturnRequest(), Asked.ReturnResponse.Parser, "build-1");
        (await solving).Status.ShouldBe(0);
        var late = await client.CallAsync(Control + "Status", new StatusRequest { Ref = "build-1" }, StatusResponse.Parser);
        late.Status.ShouldBe(0, "what a build told can be had when it is over");

        var failed = await client.CallAsync(Control + "Solve", served.Whole("build-2"), SolveResponse.Parser);
        failed.Status.ShouldNotBe(0);
        var history = await client.CallAsync(Control + "ListenBuildHistory", new BuildHistoryRequest { EarlyExit = true }, BuildHistoryEvent.Parser);
        history.Answers.Single().Record.Error.Message.ShouldBe(failed.Message);
        (await client.CallAsync(Control + "ListenBuildHistory", new BuildHistoryRequest(), BuildHistoryEvent.Parser)).Message.ShouldContain("EarlyExit");
        var forgotten = history.Answers.Single().Record.Ref;
        (await client.CallAsync(Control + "UpdateBuildHistory", new UpdateBuildHistoryRequest { Ref = forgotten, Pinned = true }, UpdateBuildHistoryResponse.Parser)).Message.ShouldContain("pinning");
        (await client.CallAsync(Control + "UpdateBuildHistory", new UpdateBuildHistoryRequest { Delete = true }, UpdateBuildHistoryResponse.Parser)).Status.ShouldBe((int)GrpcCode.InvalidArgument);
        (await client.CallAsync(Control + "UpdateBuildHistory", new UpdateBuildHistoryRequest { Ref = forgotten[..6], Delete = true }, UpdateBuildHistoryResponse.Parser)).Status.ShouldBe((int)GrpcCode.NotFound);
        (await client.CallAsync(Control + "UpdateBuildHistory", new UpdateBuildHistoryRequest { Ref = forgotten, Delete = true }, UpdateBuildHistoryResponse.Parser)).Status.ShouldBe(0);
        (await client.CallAsync(Control + "ListenBuildHistory", new BuildHistoryRequest { EarlyExit = true }, BuildHistoryEvent.Parser)).Answers.ShouldBeEmpty();
        (await client.CallAsync(Control + "DiskUsage", new DiskUsageRequest(), DiskUsageResponse.Parser)).Status.ShouldBe(0);
        (await client.CallAsync(Control + "DiskUsage", new DiskUsageRequest { Filter = { "invented==x" } }, DiskUsageResponse.Parser)).Message.ShouldContain("invented==x");
        (await client.CallAsync(Control + "Prune", new PruneRequest { All = true }, UsageRecord.Parser)).Status.ShouldBe(0);

        async Task<string> AnswerAsync(string question) =>
            (await client.CallAsync(Bridge + "Solve", served.Ask(question), Asked.SolveResponse.Parser, "build-1")).Answers.Single().Result.Metadata["result.json"].ToStringUtf8();
    }

    /// <summary>A daemon with a builder, and a Dockerfile at an address: so that no client has to show files.</summary>
    private sealed class Served(Harbour harbour, Builder builder, ServedRoutes routes, HttpListener web, string address) : IAsyncDisposable
    {
        internal Sampan.Engine.ContainerEngine Engine => harbour.Engine;

        internal ServedRoutes Routes => routes;

        internal static async Task<Served> OpenAsync(string dockerfile)
        {
            var harbour = await Harbour.OpenAsync();
            var builder = await Builder.OpenAsync(harbour.Engine, [], _ => { }, default);
            var routes = await ServedRoutes.StartAsync(DockerRoutes.Of(new DockerDaemon { Engine = harbour.Engine, Builder = builder, Time = TimeProvider.System }));
            var (web, address) = Listen();
            _ = AnswerAsync(web, Encoding.UTF8.GetBytes(dockerfile));
            return new Served(harbour, builder, routes, web, address);
        }

        internal SolveRequest Whole(string name) => new() { Ref = name, Session = "session-1", Frontend = "dockerfile.v0", FrontendAttrs = { ["context"] = address } };

        internal Asked.SolveRequest Ask(string? question = null)
        {
            var request = new Asked.SolveRequest { Frontend = "dockerfile.v0", FrontendOpt = { ["context"] = address } };
            if (question is not null)
                request.FrontendOpt["requestid"] = question;
            return request;
        }

        /// <summary>A client's session that serves nothing.</summary>
        internal async Task<Socket> OpenSessionAsync(string id)
        {
            var socket = await routes.ConnectAsync();
            await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /session HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Docker-Expose-Session-Uuid: {id}\r\n\r\n"));
            (await socket.ReceiveAsync(new byte[12])).ShouldBe(12);
            return socket;
        }

        public async ValueTask DisposeAsync()
        {
            await routes.DisposeAsync();
            web.Close();
            await builder.DisposeAsync();
            await harbour.DisposeAsync();
        }

        // A port that is free now may not be in a moment.
        private static (HttpListener Web, string Address) Listen()
        {
            for (var attempt = 0; ; attempt++)
            {
                var probe = new TcpListener(IPAddress.Loopback, 0);
                probe.Start();
                var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
                probe.Stop();
                var web = new HttpListener();
                web.Prefixes.Add(address);
                try
                {
                    web.Start();
                    return (web, address + "Dockerfile");
                }
                catch (HttpListenerException) when (attempt < 20)
                {
                    web.Close();
                }
            }
        }

        private static async Task AnswerAsync(HttpListener web, byte[] content)
        {
            try
            {
                while (true)
                {
                    var context = await web.GetContextAsync();
                    context.Response.ContentType = "text/plain";
                    await context.Response.OutputStream.WriteAsync(content);
                    context.Response.Close();
                }
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
