using System.Text;
using System.Text.Json;
using Sampan.Cli.Hosts;
using Sampan.Cli.Tests.Client;

namespace Sampan.Cli.Tests.Hosts;

public sealed class ClientSettingsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-config-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task<(CommandRun Run, TestEngine Engine)> RunAsync(string config, params string[] words)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "config.json"), config);
        var engine = new TestEngine(_ => TestEngine.Json("""[{"Id":"0123456789abcdef","Names":["/c"],"Image":"i","Command":"x","Created":0,"State":"running","Status":"Up"}]"""));
        return (await CommandRun.WithAsync(name => name switch { "SAMPAN_HOST" => "unix://" + engine.SocketPath, "DOCKER_CONFIG" => _directory, _ => null }, [], words), engine);
    }

    [Fact]
    public async Task A_format_of_ones_own_is_used_unless_another_is_asked_for()
    {
        const string Config = """{"psFormat": "own {{.Names}}", "auths": {}, "credsStore": "x"}""";
        foreach (var (line, expected) in new[] { ("ps", "own c\n"), ("container ls", "own c\n"), ("ps -q", "0123456789ab\n"), ("ps --format {{.ID}}", "0123456789ab\n") })
        {
            var (run, engine) = await RunAsync(Config, line.Split(' '));
            await using (engine) run.ShouldBe(new CommandRun(0, expected, ""), line);
        }
    }

    [Fact]
    public async Task The_directory_is_given_or_named_or_at_home()
    {
        ClientSettings.Directory("/given", _ => "/other").ShouldBe("/given");
        ClientSettings.Directory("", name => name == "DOCKER_CONFIG" ? "/named" : "/root").ShouldBe("/named");
        ClientSettings.Directory("", name => name == "HOME" ? "/root" : null).ShouldBe("/root/.docker");
        ClientSettings.Directory("", _ => null).ShouldBeNull();

        await File.WriteAllTextAsync(Path.Combine(_directory, "config.json"), """{"psFormat": "by option"}""");
        await using var engine = new TestEngine(_ => TestEngine.Json("""[{"Id":"0","Image":"i"}]"""));
        (await CommandRun.AgainstAsync(engine, "--config", _directory, "ps")).Out.ShouldBe("by option\n");
    }

    [Theory]
    [InlineData("{", "WARNING: Error loading config file: ")]
    [InlineData("[]", "it is no JSON object")]
    [InlineData("""{"psFormat": 5}""", "psFormat is no text")]
    [InlineData("""{"HttpHeaders": {"X-A": "a\r\nX-B: b"}}""", "the header 'X-A' of HttpHeaders can't be sent")]
    [InlineData("""{"HttpHeaders": {"Content-Length": "0"}}""", "the header 'Content-Length' of HttpHeaders can't be sent")]
    [InlineData("""{"HttpHeaders": ["x"]}""", "HttpHeaders is no JSON object")]
    public async Task A_file_that_is_wrong_is_reported_and_the_command_goes_on(string config, string warning)
    {
        var (run, engine) = await RunAsync(config, "ps", "-q");
        await using (engine)
        {
            run.Code.ShouldBe(0);
            run.Out.ShouldBe("0123456789ab\n");
            run.Error.ShouldContain(warning);
        }
    }

    [Fact]
    public void Keys_and_headers_are_read_and_the_clients_name_is_left_out()
    {
        var settings = ClientSettings.Parse("""{"detachKeys": "ctrl-e,e", "HttpHeaders": {"X-Team": "boats", "User-Agent": "other"}, "imagesFormat": "x", "currentContext": "elsewhere"}"""u8.ToArray());
        settings.DetachKeys.ShouldBe("ctrl-e,e");
        settings.Headers.ShouldBe([("X-Team", "boats")]);
        settings.Formats.ShouldBe(new Dictionary<string, string>(StringComparer.Ordinal) { ["imagesFormat"] = "x" });
        ClientSettings.Parse("""{"HttpHeaders": null}"""u8.ToArray()).Headers.ShouldBeEmpty();
        Should.Throw<JsonException>(() => ClientSettings.Parse(Encoding.UTF8.GetBytes(new string('[', 10_000))));
    }

    [Theory]
    [InlineData("--log-level debug ps -q", true)]
    [InlineData("-D ps -q", true)]
    [InlineData("-l info ps -q", false)]
    [InlineData("--log-level ERROR ps -q", false)]
    public async Task At_debug_each_request_is_shown(string line, bool shown)
    {
        var (run, engine) = await RunAsync("{}", line.Split(' '));
        await using (engine)
        {
            run.Code.ShouldBe(0);
            run.Error.ShouldBe(shown ? "DEBUG GET /v1.51/containers/json: 200\n" : "");
        }
    }

    [Fact]
    public async Task A_word_that_is_no_level_is_refused()
    {
        var (run, engine) = await RunAsync("{}", "--log-level", "chatty", "ps");
        await using (engine) run.ShouldBe(new CommandRun(1, "", "unable to parse logging level: chatty: expected debug, info, warn, error or fatal\n"));
    }
}
