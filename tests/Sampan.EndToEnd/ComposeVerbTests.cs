using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Every command of compose, as <c>sampan compose</c> and as <c>docker compose</c>.</summary>
public sealed class ComposeVerbTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Yaml = """
        services:
          a:
            image: busybox
            command: sh -c 'echo tick; echo tick; while :; do echo tick; sleep 0.1; done'
            init: true
            stop_grace_period: 0s
            ports: ["80"]
            volumes: ["v:/v"]
            healthcheck: {test: "true", interval: 100ms, timeout: 30s}
          b: {image: busybox, command: sleep 1000, init: true, stop_grace_period: 0s, depends_on: {a: {condition: service_healthy}}}
        volumes: {v: {}}
        """;

    [Theory, MemberData(nameof(Both))]
    public async Task Containers_are_made_looked_at_talked_to_and_taken_away(string client)
    {
        await using var app = new Application(this, Yaml);
        string image = $"{app.Name}-committed";
        try
        {
            await RunAsync("create", "--quiet-pull", "-y");
            (await RunAsync("ps", "-a", "--format", "{{.Service}} {{.State}}")).Lines.ShouldBe(["a created", "b created"]);
            await RunAsync("start", "--wait", "--wait-timeout", "100");
            (await RunAsync("ps", "--services")).Lines.ShouldBe(["a", "b"]);
            (await RunAsync("ps", "-q", "b")).Lines.ShouldHaveSingleItem();
            using (var row = JsonDocument.Parse((await RunAsync("ps", "--format", "json", "b")).Text)) (row.RootElement.GetProperty("Service").GetString(), row.RootElement.GetProperty("ExitCode").GetInt32(), row.RootElement.GetProperty("Publishers").GetArrayLength()).ShouldBe(("b", 0, 0));
            (await RunAsync("ps", "--format", "json", "a")).Saying("\"TargetPort\":80");
            using (var rows = JsonDocument.Parse((await RunAsync("images", "--format", "json")).Text)) rows.RootElement.GetArrayLength().ShouldBe(2);
            (await RunAsync("exec", "-T", "-e", "A=b", "-u", "1:2", "-w", "/tmp", "a", "sh", "-c", "echo $A $(id -u) $(pwd)")).Text.ShouldBe("b 1 /tmp");
            (await TryAsync("exec", "-T", "a", "sh", "-c", "exit 7")).Ended(7);
            (await RunAsync("top", "b")).Saying("sleep 1000");
            (await RunAsync("top", "--format", "json", "b")).Succeeded().ShouldStartWith("{\"Titles\":");
            (await RunAsync("port", "a", "80")).Text.ShouldContain(":");
            (await RunAsync("images", "a")).Saying("busybox");
            (await RunAsync("images", "-q")).Lines.Length.ShouldBe(2);
            (await RunAsync("stats", "--no-stream", "b")).Saying($"{app.Name}-b-1");
            (await RunAsync("volumes", "-q")).Text.ShouldBe($"{app.Name}_v");
            (await RunAsync("volumes", "-q", "b")).Lines.ShouldBeEmpty();
            (await RunAsync("ls", "--filter", $"name={app.Name}", "--format", "json")).Saying("running(2)").Saying(app.File);

            await app.WriteAsync("file", "copied");
            await RunAsync("cp", Path.Combine(app.Directory, "file"), "b:/there");
            (await RunAsync("exec", "-T", "b", "cat", "/there")).Text.ShouldBe("copied");
            await RunAsync("cp", "b:/there", Path.Combine(app.Directory, "back"));
            (await File.ReadAllTextAsync(Path.Combine(app.Directory, "back"))).ShouldBe("copied");
            await RunAsync("cp", "--all", Path.Combine(app.Directory, "file"), "a:/all");
            (await TryAsync("cp", "x", "y")).Failed();
            await RunAsync("export", "-o", Path.Combine(app.Directory, "b.tar"), "b");
            (await Shell.RunAsync("tar", ["-tf", Path.Combine(app.Directory, "b.tar"), "there"])).Succeeded();
            await RunAsync("commit", "-m", "said", "--pause=false", "b", image);
            (await InspectAsync(Clients.Sampan, image, "{{.Comment}}")).ShouldBe("said");

            await RunAsync("pause", "b");
            (await RunAsync("ps", "--status", "paused", "--services")).Text.ShouldBe("b");
            await RunAsync("unpause", "b");
            string restarted = (await RunAsync("restart", "-t", "0")).Stderr;
            var order = (IEnumerable<int>)[.. new[] { "a-1  Started", "a-1  Healthy", "b-1  Restarting", "b-1  Started" }.Select(what => restarted.IndexOf(what, StringComparison.Ordinal))];
            order.ShouldBe(order.Where(at => at >= 0).Order(), $"each when what it depends on is healthy: {restarted}");
            await RunAsync("scale", "b=2");
            (await RunAsync("ps", "b", "--format", "{{.Name}}")).Lines.ShouldBe([$"{app.Name}-b-1", $"{app.Name}-b-2"]);
            await app.WriteAsync("vars.env", "FROM=file\n");
            (await RunAsync("run", "--rm", "-T", "--no-deps", "-q", "--cap-drop", "ALL", "--env-from-file", Path.Combine(app.Directory, "vars.env"), "b", "sh", "-c", "echo $FROM")).Text.ShouldBe("file");

            using (var attached = Shell.Start(Clients.Path(client), [.. Words(client, app), "attach", "--no-stdin", "a"], Environment(client, app)))
            {
                attached.StandardInput.Close();
                (await attached.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Shell.Patience, TestContext.Current.CancellationToken)).ShouldBe("tick");
                await RunAsync("kill", "-s", "KILL", "a");
                await attached.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Shell.Patience, TestContext.Current.CancellationToken);
                attached.ExitCode.ShouldBe(137);
            }
            (await TryAsync("wait", "a")).Ended(137).Text.ShouldBe("137");
            (await RunAsync("logs", "--tail", "2", "--no-log-prefix", "a")).Lines.ShouldBe(["tick", "tick"]);
            (await RunAsync("logs", "--no-color", "-n", "1", "a")).Text.ShouldBe("a-1  | tick");
            (await RunAsync("logs", "--no-color", "-f", "--tail", "1", "a")).Lines.ShouldBe(["a-1  | tick", "a-1 exited with code 137"]);
            (await TryAsync("--ansi", "always", "logs", "-n", "1", "a", "b")).Ended(0).Text.ShouldBe("\u001b[36ma-1  | \u001b[0mtick");
            (await RunAsync("logs", "-t", "--index", "1", "--since", "1h", "--until", "0s", "a")).Saying("Z tick");
            var events = (await RunAsync("events", "--since", "1h", "--until", "0s", "--json", "a", "b")).Stdout;
            events.ShouldContain("\"service\":\"a\"");
            events.ShouldContain("\"service\":\"b\"");
            (await RunAsync("events", "--since", "1h", "--until", "0s", "--json", "b")).Stdout.ShouldNotContain("\"service\":\"a\"");
            (await RunAsync("ps", "-a", "--format", "{{.ExitCode}}", "a")).Text.ShouldBe("137");
            await RunAsync("rm", "-f", "a");
            await RunAsync("stop", "-t", "0");
            (await RunAsync("ps", "-a", "--status", "exited", "--services")).Text.ShouldBe("b");
            await RunAsync("down", "-v", "--remove-orphans");
            (await RunAsync("ps", "-aq")).Lines.ShouldBeEmpty();
            (await RunAsync("volumes", "-q")).Lines.ShouldBeEmpty();
        }
        finally
        {
            await Daemon.SampanAsync("rmi", "-f", image);
        }

        async Task<Outcome> RunAsync(params string[] words)
        {
            var outcome = await TryAsync(words);
            outcome.Succeeded();
            return outcome;
        }

        Task<Outcome> TryAsync(params string[] words) => Shell.RunAsync(Clients.Path(client), [.. Words(client, app), .. words], Environment(client, app));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_described_is_told_without_an_engine_being_changed(string client)
    {
        await using var app = new Application(this, Yaml);
        Task<Outcome> TryAsync(params string[] words) => Shell.RunAsync(Clients.Path(client), [.. Words(client, app), .. words], Environment(client, app));
        async Task<Outcome> RunAsync(params string[] words)
        {
            var outcome = await TryAsync(words);
            outcome.Succeeded();
            return outcome;
        }

        (await RunAsync("config", "--services")).Lines.ShouldBe(["a", "b"]);
        (await RunAsync("config", "--images")).Lines.ShouldBe(["busybox", "busybox"]);
        (await RunAsync("config", "--volumes")).Text.ShouldBe("v");
        (await RunAsync("config", "--hash", "*")).Lines.ShouldAllBe(l => l.Split(' ')[1].Length == 64);
        using (var json = JsonDocument.Parse((await RunAsync("convert", "--format", "json")).Text)) json.RootElement.GetProperty("services").GetProperty("b").GetProperty("image").GetString().ShouldBe("busybox");
        (await TryAsync("config", "--resolve-image-digests")).Failed().Saying("has no digest");
        (await RunAsync("version", "--short")).Text.ShouldNotBeEmpty();
        (await RunAsync("pull", "--policy", "missing")).ExitCode.ShouldBe(0);
        (await RunAsync("push")).ExitCode.ShouldBe(0);
        (await RunAsync("build")).Saying("No services to build");
        (await TryAsync("rollback")).Ended(1).Saying("nothing to go back to");
        (await TryAsync("watch")).Ended(1).Saying("develop.watch");
        (await TryAsync("exec", "-T", "a", "true")).Ended(1).Saying("is not running");
        (await TryAsync("start")).Ended(1).Saying("no container to start");
        (await TryAsync("frobnicate")).Failed();
        (await RunAsync("ps", "-aq")).Lines.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_dry_run_tells_all_and_does_nothing(string client)
    {
        await using var app = new Application(this, Yaml);
        Task<Outcome> TryAsync(params string[] words) => Shell.RunAsync(Clients.Path(client), [.. Words(client, app), .. words], Environment(client, app));

        (await TryAsync("--dry-run", "up", "-d")).Ended(0).Saying($"DRY-RUN MODE -  Network {app.Name}_default  Created").Saying($"DRY-RUN MODE -  Volume {app.Name}_v  Created").Saying($"DRY-RUN MODE -  Container {app.Name}-b-1  Started");
        (await TryAsync("ps", "-aq")).Lines.ShouldBeEmpty();
        (await TryAsync("volumes", "-q")).Lines.ShouldBeEmpty();
        (await RunAsync(Clients.Sampan, "network", "ls", "-q", "--filter", $"label=com.docker.compose.project={app.Name}")).Lines.ShouldBeEmpty();

        (await TryAsync("up", "-d")).Ended(0);
        var before = await app.IdsAsync();
        foreach (string[] words in new[] { new[] { "up", "--force-recreate", "--scale", "b=2" }, ["restart"], ["stop"], ["kill"], ["pause"], ["rm", "-sf"], ["scale", "b=3"], ["down", "-v", "--rmi", "all"] })
            (await TryAsync([.. words, "--dry-run"])).Ended(0).Saying($"DRY-RUN MODE -  Container {app.Name}-b-1");
        (await TryAsync("--dry-run", "exec", "b", "true")).Ended(1).Saying("--dry-run is not supported by 'compose exec'");
        (await app.IdsAsync()).ShouldBe(before);
        (await TryAsync("ps", "--format", "{{.Service}} {{.State}}")).Lines.ShouldBe(["a running", "b running"]);
        (await TryAsync("--progress", "json", "stop", "-t", "0", "b")).Ended(0).Stderr.ShouldContain($"{{\"id\":\"Container {app.Name}-b-1\",\"text\":\"Stopped\",\"status\":\"Done\"}}");
    }

    [Fact]
    public async Task All_resources_old_names_and_several_env_files()
    {
        await using var app = new Application(this, "services: {a: {image: \"${IMAGE}\", command: \"sleep ${TIME}\", init: true, stop_grace_period: 0s}}\nnetworks: {unused: {}}\nvolumes: {unused: {}}");
        await app.WriteAsync("one.env", "IMAGE=nobody\nTIME=1000\n");
        await app.WriteAsync("two.env", "IMAGE=busybox\n");
        string[] files = ["--env-file", Path.Combine(app.Directory, "one.env"), "--env-file", Path.Combine(app.Directory, "two.env")];

        (await app.RunAsync([.. files, "--all-resources", "--compatibility", "up", "-d"])).Succeeded();
        (await app.RunAsync([.. files, "ps", "--format", "{{.Name}}"])).Text.ShouldBe($"{app.Name}_a_1");
        (await app.RunAsync([.. files, "volumes", "-q"])).Text.ShouldBe($"{app.Name}_unused");
        (await RunAsync(Clients.Sampan, "network", "inspect", $"{app.Name}_unused")).Succeeded();
        (await app.RunAsync([.. files, "--compatibility", "up", "-d"])).Saying($"{app.Name}_a_1  Running").Succeeded();
        (await app.RunAsync([.. files, "config", "--variables"])).Lines.Length.ShouldBe(3);
        (await RunAsync(Clients.Sampan, "compose", "-p", app.Name, "--project-directory", "/", "down", "-v", "-t", "0")).Succeeded();
    }

    private static string[] Words(string client, Application app) => client == Clients.Sampan ? ["compose", "-p", app.Name, "-f", app.File] : ["compose", "--project-name", app.Name, "--file", app.File];

    private Dictionary<string, string> Environment(string client, Application app)
    {
        var environment = new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_HOST"] = Daemon.Host, ["SAMPAN_HOST"] = Daemon.Host };
        if (client != Clients.Docker) return environment;
        environment["DOCKER_CONFIG"] = Path.Combine(app.Directory, "docker");
        string plugins = Path.Combine(environment["DOCKER_CONFIG"], "cli-plugins");
        if (Directory.Exists(plugins)) return environment;
        Directory.CreateDirectory(plugins);
        File.CreateSymbolicLink(Path.Combine(plugins, "docker-compose"), Checkout.Executable("sampan"));
        return environment;
    }
}
