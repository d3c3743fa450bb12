using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.BuildKit.Sessions;
using Sampan.Engine.Tests.Doubles;
using Sampan.Server.Docker.Sessions;

namespace Sampan.Server.Tests.Sessions;

/// <summary>Sessions by their ids: a build may come before its session, and no client takes another's place.</summary>
public sealed class SessionRegistryTests
{
    private const string Credentials = "/moby.filesync.v1.Auth/Credentials";
    private const string GetSecret = "/moby.buildkit.secrets.v1.Secrets/GetSecret";

    private readonly SessionRegistry _sessions = new(TimeProvider.System);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_finds_a_session_that_is_there_and_one_that_is_about_to_come_until_its_connection_ends()
    {
        await using var peer = await SessionPeer.StartAsync(new Dictionary<string, Func<SessionPeer.Call, Task>>());
        var early = _sessions.FindAsync("one", Ct);
        using var end = new CancellationTokenSource();
        using (var place = _sessions.Open(new SessionFacts { Id = "one" }))
        {
            early.IsCompleted.ShouldBeFalse();
            var serving = place.ServeAsync(await peer.ConnectAsync(), end.Token);

            var session = await early;
            (await _sessions.FindAsync("one", Ct)).ShouldBeSameAs(session);
            session.Ended.IsCancellationRequested.ShouldBeFalse();
            Should.Throw<SessionRefusedException>(() => _sessions.Open(new SessionFacts { Id = "one" })).Message.ShouldContain("exists already");
            await end.CancelAsync();
            await serving;
            session.Ended.IsCancellationRequested.ShouldBeTrue();
        }
        using var again = _sessions.Open(new SessionFacts { Id = "one" });
    }

    [Fact]
    public async Task A_client_that_closes_its_connection_has_no_session_any_more()
    {
        await using var peer = await SessionPeer.StartAsync(new Dictionary<string, Func<SessionPeer.Call, Task>>());
        using var place = _sessions.Open(new SessionFacts { Id = "one" });
        var connection = await peer.ConnectAsync();
        var serving = place.ServeAsync(connection, CancellationToken.None);
        var session = await _sessions.FindAsync("one", Ct);

        await peer.DisposeAsync();

        await serving.WaitAsync(Ct);
        session.Ended.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_waits_for_a_session_whose_connection_never_came_gets_the_next_of_that_id()
    {
        await using var peer = await SessionPeer.StartAsync(new Dictionary<string, Func<SessionPeer.Call, Task>>());
        using var end = new CancellationTokenSource();
        var registry = new SessionRegistry(new ManualTime());
        var waiting = registry.FindAsync("one", Ct);
        registry.Open(new SessionFacts { Id = "one" }).Dispose();
        waiting.IsCompleted.ShouldBeFalse();

        using var place = registry.Open(new SessionFacts { Id = "one" });
        var serving = place.ServeAsync(await peer.ConnectAsync(), end.Token);

        (await waiting.WaitAsync(TimeSpan.FromSeconds(60), Ct)).Facts.Id.ShouldBe("one");
        await end.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task There_are_so_many_sessions_and_no_more_and_who_waits_for_none_leaves_nothing()
    {
        var places = Enumerable.Range(0, SessionRegistry.MaxSessions).Select(number => _sessions.Open(new SessionFacts { Id = $"{number}" })).ToList();
        Should.Throw<SessionRefusedException>(() => _sessions.Open(new SessionFacts { Id = "more" })).Message.ShouldContain("no more are taken");
        using var impatient = new CancellationTokenSource();
        var waiting = _sessions.FindAsync("never", impatient.Token);
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);

        places.ForEach(place => place.Dispose());

        using var again = _sessions.Open(new SessionFacts { Id = "more" });
    }

    [Fact]
    public void What_a_client_says_of_its_session_is_read_from_headers_in_any_case_and_within_limits()
    {
        var headers = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase)
        {
            ["x-docker-expose-session-uuid"] = ["id"],
            ["x-docker-expose-session-name"] = ["app"],
            ["x-docker-expose-session-sharedkey"] = ["key"],
            ["x-docker-expose-session-grpc-method"] = ["/a.B/C", "/d.E/F"],
        };
        var facts = SessionFacts.Read(name => headers.GetValueOrDefault(name, []));
        (facts.Id, facts.Name, facts.SharedKey).ShouldBe(("id", "app", "key"));
        facts.Methods.ShouldBe(["/a.B/C", "/d.E/F"], ignoreOrder: true);

        Should.Throw<SessionRefusedException>(() => SessionFacts.Read(_ => []));
        headers["x-docker-expose-session-uuid"] = [new string('x', 513)];
        Should.Throw<SessionRefusedException>(() => SessionFacts.Read(name => headers.GetValueOrDefault(name, [])));
        headers["x-docker-expose-session-uuid"] = ["id"];
        headers["x-docker-expose-session-grpc-method"] = [.. Enumerable.Repeat("/a.B/C", 65)];
        Should.Throw<SessionRefusedException>(() => SessionFacts.Read(name => headers.GetValueOrDefault(name, [])));
    }

    [Fact]
    public async Task A_secret_or_a_login_is_the_clients_is_not_there_or_is_refused()
    {
        await using var peer = await SessionPeer.StartAsync(new Dictionary<string, Func<SessionPeer.Call, Task>>
        {
            [GetSecret] = async call =>
            {
                switch ((await call.ReadAsync(GetSecretRequest.Parser))?.ID)
                {
                    case "known":
                        await call.WriteAsync(new GetSecretResponse { Data = Google.Protobuf.ByteString.CopyFromUtf8("value") });
                        break;
                    case "large":
                        await call.WriteAsync(new GetSecretResponse { Data = Google.Protobuf.ByteString.CopyFrom(new byte[600 << 10]) });
                        break;
                    case "twice":
                        await call.WriteAsync(new GetSecretResponse());
                        await call.WriteAsync(new GetSecretResponse());
                        break;
                    case "broken":
                        call.End(GrpcCode.Unknown, "äöü 100%");
                        break;
                    default:
                        call.End(GrpcCode.NotFound, "not found");
                        break;
                }
            },
        });
        var client = new SessionClient(await peer.SessionAsync(GetSecret));

        (await client.FindSecretAsync("known", Ct)).ShouldBe("value"u8.ToArray());
        (await client.FindSecretAsync("other", Ct)).ShouldBeNull();
        (await Should.ThrowAsync<Sampan.Build.BuildException>(() => client.FindSecretAsync("large", Ct))).Message.ShouldContain("more than the 512000 allowed");
        (await Should.ThrowAsync<Sampan.Build.BuildException>(() => client.FindSecretAsync("twice", Ct))).Message.ShouldContain("more than one answer");
        (await Should.ThrowAsync<Sampan.Build.BuildException>(() => client.FindSecretAsync("broken", Ct))).Message.ShouldContain("äöü 100%");
        foreach (var (host, asked, answer, login) in new[]
        {
            ("docker.io", "registry-1.docker.io", new CredentialsResponse { Username = "u", Secret = "p" }, ("u", "p", null)),
            ("127.0.0.1:5000", "127.0.0.1:5000", new CredentialsResponse { Secret = "token" }, ((string?)null, (string?)null, "token")),
        })
        {
            await using var registry = await SessionPeer.StartAsync(new Dictionary<string, Func<SessionPeer.Call, Task>>
            {
                [Credentials] = async call =>
                {
                    (await call.ReadAsync(CredentialsRequest.Parser))!.Host.ShouldBe(asked);
                    await call.WriteAsync(answer);
                },
            });
            var found = await new SessionClient(await registry.SessionAsync(Credentials)).FindLoginAsync(host, Ct);
            (found!.Username, found.Password, found.IdentityToken).ShouldBe(login);
        }
        // What it does not serve it is not asked.
        (await new SessionClient(await peer.SessionAsync()).FindSecretAsync("known", Ct)).ShouldBeNull();
        (await client.HasAgentAsync("default", Ct)).ShouldBeFalse();
        (await client.FindLoginAsync("docker.io", Ct)).ShouldBeNull();
        (await Should.ThrowAsync<Sampan.Build.BuildException>(() => client.ListAsync("context", [], [], Ct))).Message.ShouldContain("its session has no files");
    }
}
