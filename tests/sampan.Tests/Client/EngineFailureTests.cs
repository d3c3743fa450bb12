using System.Text;

namespace Sampan.Cli.Tests.Client;

/// <summary>Engines that refuse, break off, or talk nonsense: a message and an exit code, never a stack trace, never a hang.</summary>
public sealed class EngineFailureTests
{
    private const string Container = """{"Id":"abc","Name":"/c","State":{"Running":true},"Config":{"Tty":false,"OpenStdin":false},"HostConfig":{}}""";

    private static byte[] Frames => [.. TestEngine.Frame(1, "out\n"), .. TestEngine.Frame(2, "err\n")];

    /// <summary>What a good engine says to the commands below.</summary>
    private static byte[] Good(string request) => request.Split('?')[0].Split('/')[^1] switch
    {
        "_ping" => "HTTP/1.1 200 OK\r\nApi-Version: 1.51\r\nContent-Length: 0\r\n\r\n"u8.ToArray(),
        "json" when request.Contains("containers/json", StringComparison.Ordinal) => TestEngine.Json("""[{"Id":"0123456789abcdef","Names":["/c"],"Image":"i","Command":"x","Created":0,"State":"running","Status":"Up"}]"""),
        "json" when request.Contains("images/json", StringComparison.Ordinal) => TestEngine.Chunked("""[{"Id":"sha256:0123456789abcdef","RepoTags":["a:b"],"Created":0,"Size":1}]"""u8.ToArray()),
        "json" => TestEngine.Json(Container),
        "info" => TestEngine.Json("""{"ServerVersion":"1","NCPU":2}"""),
        "version" => TestEngine.Json("""{"Version":"1","ApiVersion":"1.51"}"""),
        "logs" => TestEngine.Chunked(Frames, "application/vnd.docker.multiplexed-stream"),
        "attach" => [.. "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8, .. Frames, .. TestEngine.HangUp],
        "wait" => TestEngine.Chunked("""{"StatusCode":7}"""u8.ToArray()),
        "events" => TestEngine.Chunked("{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"a\"},\"timeNano\":1000000000}\n"u8.ToArray()),
        "load" => TestEngine.Chunked("{\"stream\":\"Loaded image: a:b\\n\"}\n"u8.ToArray()),
        "create" => TestEngine.Json("""{"Id":"abc","Warnings":[]}""", 201),
        "start" => "HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(),
        _ => TestEngine.Json("""{"message":"page not found"}""", 404),
    };

    public static TheoryData<string, string, int> Commands => new()
    {
        { "ps -q", "containers/json", 0 }, { "images -q", "images/json", 0 }, { "inspect c", "containers/c/json", 0 }, { "info", "info", 0 }, { "version", "version", 0 }, { "logs c", "/logs", 0 },
        { "events", "events", 0 }, { "load", "/load", 0 }, { "wait c", "/wait", 0 }, { "attach c", "/attach", 7 }, { "run i", "/attach", 7 }, { "run i", "/wait", 7 }, { "run -d i", "/create", 0 }, { "start c", "/start", 0 },
    };

    [Theory, MemberData(nameof(Commands))]
    public async Task An_answer_that_breaks_off_anywhere_ends_in_a_message(string line, string request, int code)
    {
        int cut = 0;
        await using var engine = new TestEngine(r => !r.Contains(request, StringComparison.Ordinal) ? Good(r) : Whole(r) is var whole && cut >= whole.Length ? Good(r) : [.. whole[..cut], .. TestEngine.HangUp]);
        int length = Whole($"GET /v1.51/{request.TrimStart('/')}").Length;
        for (; cut <= length; cut += cut < 40 || cut > length - 60 ? 1 : 13)
        {
            var run = await CommandRun.AgainstAsync(engine, line.Split(' '));

            string where = $"{line}, cut after {cut} of {length} bytes: {run}";
            run.Error.ShouldNotContain("   at ", Case.Sensitive, where);
            run.Error.ShouldNotContain("Exception", Case.Sensitive, where);
            if (cut >= length) run.Code.ShouldBe(code, where);
            else if (run.Code != code) run.Error.ShouldNotBeNullOrWhiteSpace(where);
        }
    }

    private static byte[] Whole(string request) => Good(request) is var good && good.AsSpan().EndsWith(TestEngine.HangUp) ? good[..^TestEngine.HangUp.Length] : good;

    public static TheoryData<string> Nonsense =>
    [
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 two hundred\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: lots\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n[]", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]XX0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnot JSON!", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n[1,\"x\"]", "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
    ];

    [Theory, MemberData(nameof(Nonsense))]
    public async Task What_is_no_answer_is_said_to_be_none(string nonsense)
    {
        await using var engine = new TestEngine(_ => [.. Encoding.UTF8.GetBytes(nonsense), .. TestEngine.HangUp]);
        foreach (string line in new[] { "ps", "images", "inspect c", "inspect -f {{.Id}} c", "info", "info -f {{.ID}}", "version", "logs c", "events", "wait c", "attach c", "run i", "network ls", "volume ls", "system df", "top c", "stats --no-stream" })
        {
            var run = await CommandRun.AgainstAsync(engine, line.Split(' '));

            string where = $"{line}: {run}";
            run.Error.ShouldNotContain("   at ", Case.Sensitive, where);
            if (run.Code != 0) run.Error.ShouldNotBeNullOrWhiteSpace(where);
        }
    }

    [Fact]
    public async Task A_head_without_end_is_given_up()
    {
        await using var engine = new TestEngine(_ => [.. "HTTP/1.1 200 OK\r\n"u8, .. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"X-{i}: y\r\n"))), .. TestEngine.HangUp]);
        (await CommandRun.AgainstAsync(engine, "ps")).Code.ShouldBe(1);
    }

    [Theory]
    [InlineData(500, "application/json", """{"message":"the disk is full"}""", "Error response from daemon: the disk is full\n")]
    [InlineData(404, "application/json", """{"message":"no such thing\n"}""", "Error response from daemon: no such thing\n")]
    [InlineData(502, "text/html", "<html>bad gateway</html>", "Error response from daemon: <html>bad gateway</html>\n")]
    [InlineData(503, "text/plain", "", "Error response from daemon: the engine answered 503 without saying why\n")]
    [InlineData(400, "application/json", """{"message":""}""", "Error response from daemon: the engine answered 400 without saying why\n")]
    [InlineData(500, "application/json", """{"mess""", "Error response from daemon: {\"mess\n")]
    public async Task A_refusal_is_told_in_the_engines_words(int status, string type, string body, string error)
    {
        await using var engine = new TestEngine(_ => TestEngine.Text(body, status, type));
        (await CommandRun.AgainstAsync(engine, "ps")).ShouldBe(new CommandRun(1, "", error));
    }

    [Fact]
    public async Task Output_that_breaks_off_inside_a_frame_is_shown_as_far_as_it_came()
    {
        foreach (var (stream, reason) in new (byte[], string)[]
        {
            ([.. TestEngine.Frame(1, "whole\n"), 1, 0, 0, 0, 0, 0, 0, 9, .. "part"u8], "the output broke off inside a frame"),
            ([.. TestEngine.Frame(1, "whole\n"), 1, 0, 0], "the output broke off inside a frame's header"),
            ([.. TestEngine.Frame(1, "whole\n"), .. "plain text"u8], "the output is not framed: does the container have a terminal?"),
            ([.. TestEngine.Frame(1, "whole\n"), .. TestEngine.Frame(3, "the log is gone")], "error from the engine in the stream: the log is gone"),
        })
        {
            await using var engine = new TestEngine(r => r.Contains("/logs", StringComparison.Ordinal) ? TestEngine.Chunked(stream, "application/vnd.docker.multiplexed-stream") : Good(r));
            var run = await CommandRun.AgainstAsync(engine, "logs", "c");
            run.Code.ShouldBe(1);
            run.Out.ShouldStartWith("whole\n");
            run.Error.ShouldBe(reason + "\n");
        }
    }

    [Fact]
    public async Task Nobody_listening_is_told_with_what_to_do()
    {
        var run = await CommandRun.WithAsync(name => name == "DOCKER_HOST" ? "unix:///no/such/engine.sock" : null, [], "ps");
        run.Code.ShouldBe(1);
        run.Error.ShouldStartWith("Cannot connect to the Sampan daemon at unix:///no/such/engine.sock. Is the sampan daemon running?\n(no such file or directory; start it");
    }
}
