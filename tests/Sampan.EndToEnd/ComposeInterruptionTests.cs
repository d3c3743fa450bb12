using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>An <c>up</c> that does not come to its end, wherever that is, and the next one.</summary>
public sealed class ComposeInterruptionTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Yaml = """
        services:
          a: {image: busybox, command: sleep 1000, init: true, stop_grace_period: 0s, networks: [n], volumes: ["v:/v"], environment: {V: "${V:-1}"}}
          b: {image: busybox, command: sleep 1000, init: true, stop_grace_period: 0s, networks: [n], depends_on: [a], environment: {V: "${V:-1}"}, deploy: {replicas: 2, update_config: {order: start-first}}}
        networks: {n: {}}
        volumes: {v: {}}
        """;

    [Fact]
    public async Task Killed_at_any_step_and_repeated_it_converges()
    {
        await using var app = new Application(this, Yaml);
        string armed = Path.Combine(app.Directory, "fail-point");
        var environment = new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal) { ["SAMPAN_FAIL_POINT_FILE"] = armed };
        string a = $"Container {app.Name}-a-1", b = $"Container {app.Name}-b-2";

        foreach (var point in new[] { $"Network {app.Name}_n Creating", $"Network {app.Name}_n Created", $"Volume {app.Name}_v Created", $"{a} Creating", $"{a} Created", $"{a} Starting", $"{a} Started", $"{b} Creating", $"{b} Created", $"{b} Started" })
        {
            await KilledAtAsync(point, "up", "-d");
            await ConvergesAsync("1", point);
            (await app.RunAsync("down", "-v", "-t", "0")).Succeeded();
        }

        (await app.RunAsync("up", "-d")).Succeeded();
        int version = 1;
        foreach (var point in new[] { $"{a} Recreate", $"{a} Recreated", $"{a} Starting", $"{b} Created", $"{b} Started", $"{b} Stopped", $"{b} Removed" })
        {
            await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), $"V={++version}\n");
            await KilledAtAsync(point, "up", "-d");
            await ConvergesAsync($"{version}", point);
        }

        foreach (var point in new[] { $"{a} Stopped", $"{b} Removing", $"{a} Removed", $"Network {app.Name}_n Removed" })
        {
            await KilledAtAsync(point, "down", "-v", "-t", "0");
            (await app.RunAsync("down", "-v", "-t", "0")).Succeeded(point);
            (await app.RunAsync("ps", "-aq")).Lines.ShouldBeEmpty(point);
            (await RunAsync(Clients.Sampan, "network", "ls", "-q", "--filter", $"label=com.docker.compose.project={app.Name}")).Lines.ShouldBeEmpty(point);
            (await app.RunAsync("up", "-d")).Succeeded(point);
        }

        async Task KilledAtAsync(string point, params string[] words)
        {
            await File.WriteAllTextAsync(armed, point);
            using var process = app.Start(environment, words);
            process.StandardInput.Close();
            var said = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Shell.Patience, TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(137, $"it comes to '{point}': {await said}");
            File.Delete(armed);
        }

        async Task ConvergesAsync(string version, string point)
        {
            (await app.RunAsync("up", "-d")).Succeeded(point);
            (await app.RunAsync("ps", "-a", "--format", "{{.Name}} {{.State}}")).Lines.ShouldBe(new[] { "a-1", "b-1", "b-2" }.Select(n => $"{app.Name}-{n} running"), point);
            var variables = (await RunAsync(Clients.Sampan, ["inspect", "-f", "{{json .Config.Env}}", .. new[] { "a-1", "b-1", "b-2" }.Select(n => $"{app.Name}-{n}")])).Lines;
            variables.Length.ShouldBe(3);
            variables.ShouldAllBe(v => v.Contains($"\"V={version}\""), point);
            var again = await app.RunAsync("up", "-d");
            again.Succeeded(point);
            again.Stderr.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(line => line.EndsWith("Running", StringComparison.Ordinal), point);
        }
    }

    [Fact]
    public async Task Ctrl_c_stops_what_is_attached_dependents_first()
    {
        await using var app = new Application(this, Yaml);
        using var up = app.Start(new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal), "up", "--no-color");
        up.StandardInput.Close();
        string? line;
        do line = await up.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Shell.Patience, TestContext.Current.CancellationToken);
        while (line?.StartsWith("Attaching to", StringComparison.Ordinal) == false);
        line.ShouldBe("Attaching to a-1, b-1, b-2");

        (await Shell.RunAsync("/bin/kill", ["-INT", $"{up.Id}"])).Succeeded();
        var said = await up.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Shell.Patience, TestContext.Current.CancellationToken);
        await up.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Shell.Patience, TestContext.Current.CancellationToken);

        up.ExitCode.ShouldBe(130);
        said.ShouldContain("Gracefully stopping");
        said.IndexOf("b-1  Stopped", StringComparison.Ordinal).ShouldBeLessThan(said.IndexOf("a-1  Stopping", StringComparison.Ordinal), said);
        (await app.RunAsync("ps", "-a", "--format", "{{.State}}")).Lines.ShouldBe(["exited", "exited", "exited"]);
    }

    [Fact]
    public async Task Ctrl_c_while_up_waits_leaves_what_there_is_and_the_next_up_goes_on()
    {
        await using var app = new Application(this, """
            services:
              a: {image: busybox, command: sleep 1000, init: true, stop_grace_period: 0s, healthcheck: {test: "${CHECK:-sleep 1000}", interval: 100ms, timeout: 1000s}}
              b: {image: busybox, command: sleep 1000, init: true, stop_grace_period: 0s, depends_on: {a: {condition: service_healthy}}}
            """);
        using var up = app.Start(new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal), "up", "-d");
        up.StandardInput.Close();
        string? line;
        do line = await up.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Shell.Patience, TestContext.Current.CancellationToken);
        while (line?.EndsWith("a-1  Waiting", StringComparison.Ordinal) == false);

        (await Shell.RunAsync("/bin/kill", ["-INT", $"{up.Id}"])).Succeeded();
        var said = await up.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Shell.Patience, TestContext.Current.CancellationToken);
        await up.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Shell.Patience, TestContext.Current.CancellationToken);
        up.ExitCode.ShouldBe(130);
        said.ShouldContain("interrupted: 'up' once more goes on from what is there now");
        (await app.RunAsync("ps", "-a", "--format", "{{.Service}} {{.State}}")).Lines.ShouldBe(["a running"]);

        await app.WriteAsync(".env", "CHECK=true\n");
        (await app.RunAsync("up", "-d")).Saying("a-1  Recreate (its configuration changed: healthcheck)").Succeeded();
        (await app.RunAsync("ps", "-a", "--format", "{{.Service}} {{.State}}")).Lines.ShouldBe(["a running", "b running"]);
    }

    [Theory]
    [InlineData("create.snapshot-prepared")]
    [InlineData("start.supervisor-launched")]
    public async Task A_daemon_that_dies_during_up_is_told_and_the_next_up_converges(string point)
    {
        using var scratch = new Scratch();
        string armed = Path.Combine(scratch.Path, "fail-point");
        await using var daemon = await Daemon.StartWithAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["SAMPAN_FAIL_POINT_FILE"] = armed });
        await daemon.LoadAsync("busybox");
        string file = Path.Combine(scratch.Path, "compose.yaml");
        await File.WriteAllTextAsync(file, Yaml);
        Task<Outcome> ComposeAsync(params string[] words) => daemon.ClientAsync(Clients.Sampan, ["compose", "-p", "restarted", "-f", file, .. words]);

        await File.WriteAllTextAsync(armed, point);
        (await ComposeAsync("up", "-d")).Ended(1).Stderr.ShouldNotBeEmpty();
        (await daemon.EndAsync()).ShouldBe(137, daemon.Log);
        File.Delete(armed);
        await daemon.StartAgainAsync();

        (await ComposeAsync("up", "-d")).Succeeded();
        (await ComposeAsync("ps", "-a", "--format", "{{.Name}} {{.State}}")).Lines.ShouldBe(["restarted-a-1 running", "restarted-b-1 running", "restarted-b-2 running"]);
        (await daemon.SampanAsync("system", "check")).Succeeded();
        (await ComposeAsync("down", "-v", "-t", "0")).Succeeded();
    }

    [Fact]
    public async Task A_network_that_is_described_otherwise_is_made_anew_with_its_containers()
    {
        await using var app = new Application(this, "services: {a: {image: busybox, command: sleep 1000, init: true, stop_grace_period: 0s, networks: [n]}, other: {image: busybox, command: sleep 1000, init: true, stop_grace_period: 0s, networks: [m]}}\nnetworks: {n: {internal: \"${INTERNAL:-false}\"}, m: {}}");
        (await app.RunAsync("up", "-d")).Succeeded();
        var before = await app.IdsAsync();
        await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), "INTERNAL=true\n");

        (await app.RunAsync("up", "-d")).Saying($"Network {app.Name}_n  Recreate (its configuration changed)").Saying($"a-1  Recreate (the network '{app.Name}_n' is another one)").Saying("other-1  Running").Succeeded();

        var after = await app.IdsAsync();
        after["other"].ShouldBe(before["other"]);
        after["a"].ShouldNotBe(before["a"]);
        (await RunAsync(Clients.Sampan, "network", "inspect", "-f", "{{.Internal}}", $"{app.Name}_n")).Succeeded().ShouldBe("true");
        (await app.RunAsync("up", "-d")).Succeeded();
        (await app.IdsAsync()).ShouldBe(after);
    }
}
