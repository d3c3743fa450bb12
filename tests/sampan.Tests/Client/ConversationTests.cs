using Sampan.Cli.Hosts;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Tests.Client;

/// <summary>What the command line asks an engine for, and in which order.</summary>
public sealed class ConversationTests
{
    private static DockerEndpoint Endpoint(TestEngine engine) => DockerEndpoint.Parse("unix://" + engine.SocketPath, out _) ?? throw new InvalidOperationException();

    [Fact]
    public async Task An_older_engine_is_spoken_to_in_its_version_from_then_on()
    {
        await using var engine = new TestEngine(r => r.Contains("/v1.41/", StringComparison.Ordinal)
            ? TestEngine.Json("[]")
            : [.. "HTTP/1.1 400 Bad Request\r\nApi-Version: 1.41\r\nContent-Length: 0\r\n\r\n"u8]);
        using var client = new DockerClient(Endpoint(engine));

        (await client.ListContainersAsync(cancellationToken: TestContext.Current.CancellationToken)).ShouldBeEmpty();
        (await client.ListContainersAsync(cancellationToken: TestContext.Current.CancellationToken)).ShouldBeEmpty();

        client.Version.ShouldBe(new ApiVersion(1, 41));
        engine.Requests.Count(r => !r.Contains("/v1.41/", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_pinned_version_is_kept_whatever_the_engine_says()
    {
        await using var engine = new TestEngine(_ => [.. "HTTP/1.1 400 Bad Request\r\nApi-Version: 1.41\r\nContent-Length: 0\r\n\r\n"u8]);
        var run = await CommandRun.WithAsync(name => name switch { "SAMPAN_HOST" => "unix://" + engine.SocketPath, "DOCKER_API_VERSION" => "1.44", _ => null }, [], "ps");

        run.Code.ShouldBe(1);
        engine.Requests.ShouldAllBe(r => r.Contains("/v1.44/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_idle_connection_that_the_engine_closed_is_replaced()
    {
        int count = 0;
        // Each connection answers one request and is closed at the second.
        await using var engine = new TestEngine(_ => Interlocked.Increment(ref count) % 2 == 0 ? null : TestEngine.Json("[]"));
        using var client = new DockerClient(Endpoint(engine));

        for (int i = 0; i < 5; i++) (await client.ListContainersAsync(cancellationToken: TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_waits_before_it_starts_so_that_no_exit_is_missed()
    {
        await using var engine = new TestEngine(r => r.Split('?')[0].Split('/')[^1] switch
        {
            "create" => TestEngine.Json("""{"Id":"abc"}""", 201),
            "attach" => [.. "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8, .. TestEngine.Frame(1, "hello\n"), .. TestEngine.HangUp],
            "wait" => TestEngine.Chunked("""{"StatusCode":3}"""u8.ToArray()),
            "start" => "HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(),
            _ => null,
        });

        (await CommandRun.AgainstAsync(engine, "run", "--rm", "image", "true")).ShouldBe(new CommandRun(3, "hello\n", ""));

        engine.Requests.Select(r => r.Split('?')[0].Split('/')[^1]).ShouldBe(["create", "attach", "wait", "start"]);
        engine.Requests.ShouldContain(r => r.EndsWith("/wait?condition=removed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("executable file not found in $PATH", 127)]
    [InlineData("exec: \"/etc\": is a directory", 126)]
    [InlineData("exec: \"/x\": permission denied", 126)]
    [InlineData("port is already allocated", 125)]
    public async Task A_start_that_fails_has_dockers_exit_code(string message, int code)
    {
        await using var engine = new TestEngine(r => r.Split('?')[0].Split('/')[^1] switch
        {
            "create" => TestEngine.Json("""{"Id":"abc"}""", 201),
            "attach" => "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8.ToArray(),
            "wait" => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(),
            _ => TestEngine.Json(System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["message"] = message }), 400),
        });

        var run = await CommandRun.AgainstAsync(engine, "run", "image", "x");

        run.Code.ShouldBe(code);
        run.Error.ShouldBe($"sampan: Error response from daemon: {message}\n\nRun 'sampan run --help' for more information\n");
    }

    [Theory]
    [InlineData(null, null, null, "unix:///run/sampan/sampan.sock")]
    [InlineData(null, null, "unix:///docker", "unix:///docker")]
    [InlineData(null, "unix:///own", "unix:///docker", "unix:///own")]
    [InlineData("unix:///given", "unix:///own", "unix:///docker", "unix:///given")]
    public async Task The_engine_is_found_by_option_then_own_variable_then_dockers_then_default(string? option, string? own, string? docker, string expected)
    {
        var (endpoint, _) = EngineHost.Resolve(option is null ? [] : [option], name => name switch { "SAMPAN_HOST" => own, "DOCKER_HOST" => docker, _ => null });
        endpoint.Text.ShouldBe(expected);
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData("unix://relative")]
    [InlineData("gopher://x")]
    [InlineData("tcp://")]
    [InlineData("tcp://host:99999")]
    public async Task A_host_that_cannot_be_is_refused_by_name(string host)
    {
        var run = await CommandRun.WithAsync(_ => null, [], "-H", host, "ps");
        run.Code.ShouldBe(1);
        run.Error.ShouldContain(host);
        run.Error.ShouldContain("(from --host)");
    }
}
