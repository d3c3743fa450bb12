using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary><c>sampand gateway</c> before applications of the engine.</summary>
public sealed class GatewayTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task A_web_app_scaled_to_five_is_updated_and_killed_behind_the_gateway()
    {
        await using var app = new Application(this, """
            services:
              web:
                image: busybox
                command: sh -c 'mkdir -p /www/up; echo "$$HOSTNAME $$WHAT" > /www/index.html; exec httpd -f -p 8080 -h /www'
                init: true
                restart: always
                environment: {WHAT: "${WHAT:-first}"}
                healthcheck: {test: "wget -qO /dev/null http://127.0.0.1:8080/", interval: 500ms, timeout: 30s, retries: 20, start_interval: 200ms}
                x-sampan-gateway: {host: shop.example.org, port: 8080}
                deploy: {update_config: {parallelism: 2, order: start-first}}
              api:
                image: busybox
                command: sh -c 'mkdir /www; echo api > /www/items; exec httpd -f -p 80 -h /www'
                init: true
                x-sampan-gateway: {host: shop.example.org, path: /api, strip: true}
            """);
        (await app.RunAsync("up", "-d", "--wait", "--scale", "web=5")).Succeeded();
        await using var gateway = await OwnGateway.StartAsync("--host", Daemon.Host);
        await Eventually.HoldsAsync("the gateway leads to the api", async () => (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", "-H", "Host: shop.example.org", $"{gateway.Url}api/items"])).Text == "api");
        (await Shell.RunAsync("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "30", gateway.Url])).Text.ShouldBe("404");

        await using var load = new Load(gateway.Url, "shop.example.org");
        await load.AnswersAreAsync("all five answer", a => a.Count == 5);

        // An update.
        await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), "WHAT=second\n");
        (await app.RunAsync("up", "-d", "--wait", "--scale", "web=5")).Succeeded();
        await load.AnswersAreAsync("all five successors answer", a => a.Count == 5 && a.All(s => s.EndsWith(" second", StringComparison.Ordinal)));
        load.Failures.ShouldBeEmpty(gateway.Log);

        // One is killed: others are asked instead, and it comes back by itself, at whatever address.
        var victim = $"{app.Name}-web-3";
        (await Shell.ShAsync($"kill -9 {await InspectAsync(Clients.Sampan, victim, "{{.State.Pid}}")}")).Succeeded();
        await load.MoreAsync(30);
        await Eventually.HoldsAsync("it is healthy again", async () => await InspectAsync(Clients.Sampan, victim, "{{.RestartCount}} {{.State.Health.Status}}") == "1 healthy");
        await load.AnswersAreAsync("all five answer again", a => a.Count == 5);
        load.Failures.ShouldBeEmpty(gateway.Log);
        gateway.Log.ShouldContain("\"GET / HTTP/1.1\" 200");
    }

    [Fact]
    public async Task The_gateway_serves_on_while_the_daemon_restarts()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.DockerAsync("run", "-d", "--init", "--name", "web", "--label", "sampan.gateway.path=/", "busybox", "sh", "-c", "mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www")).Succeeded();
        await using var gateway = await OwnGateway.StartAsync("--host", daemon.Host);
        await Eventually.HoldsAsync("the gateway leads there", async () => await PageAsync() == "page");
        await daemon.CrashAsync();
        (await PageAsync()).ShouldBe("page");
        await daemon.StartAgainAsync();
        (await PageAsync()).ShouldBe("page");
        (await daemon.DockerAsync("run", "-d", "--init", "--name", "other", "--label", "sampan.gateway.path=/other", "--label", "sampan.gateway.strip=true", "busybox", "sh", "-c", "mkdir /www; echo other > /www/index.html; exec httpd -f -p 80 -h /www")).Succeeded();
        await Eventually.HoldsAsync("it follows the next daemon", async () => (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", $"{gateway.Url}other/"])).Text == "other");
        await daemon.RemoveAllContainersAsync();

        async Task<string> PageAsync() => (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", gateway.Url])).Text;
    }

    [Fact]
    public async Task A_gateway_that_the_daemon_keeps_is_started_again_when_it_dies_and_survives_the_daemon()
    {
        await using var daemon = await Daemon.StartAsync("--gateway-opt", "listen=127.0.0.1:0");
        string pidFile = Path.Combine(daemon.ExecRoot, "gateway.pid"), log = Path.Combine(daemon.ExecRoot, "gateway.log");
        try
        {
            await daemon.LoadAsync("busybox");
            (await daemon.SampanAsync("run", "-d", "--init", "--name", "web", "--label", "sampan.gateway.path=/", "busybox", "sh", "-c", "mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www")).Succeeded();
            await ServesAsync("the gateway leads there");
            string first = await File.ReadAllTextAsync(pidFile);

            (await Shell.ShAsync($"kill -9 {first}")).Succeeded();
            await Eventually.HoldsAsync("another one is there", async () => await File.ReadAllTextAsync(pidFile) != first);
            await ServesAsync("the other one leads there");
            daemon.Log.ShouldContain($"gateway {first} ended");
            string second = await File.ReadAllTextAsync(pidFile);

            await daemon.CrashAsync();
            await ServesAsync("it serves without the daemon");
            await daemon.StartAgainAsync();
            await Eventually.HoldsAsync("the next daemon knows it", () => daemon.Log.Contains($"gateway {second} runs still", StringComparison.Ordinal));
            (await File.ReadAllTextAsync(pidFile)).ShouldBe(second);
            await ServesAsync("it serves on");

            await daemon.RemoveAllContainersAsync();
            (await daemon.StopAsync()).ShouldBe(0, daemon.Log);
            // One that has ended and that nobody has looked after yet has no command line any more.
            (await Shell.ShAsync($"cat /proc/{second}/cmdline 2>/dev/null || true")).Stdout.ShouldBeEmpty("where no container runs it goes with the daemon");
            File.Exists(pidFile).ShouldBeFalse();
        }
        finally
        {
            if (File.Exists(pidFile) && !daemon.IsRunning) await Shell.ShAsync($"kill -9 {await File.ReadAllTextAsync(pidFile)}");
        }

        Task ServesAsync(string what) => Eventually.HoldsAsync(what, async () =>
            System.Text.RegularExpressions.Regex.Match(await File.ReadAllTextAsync(log), "leading from (?<url>http://127[0-9.]+:[0-9]+)", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(10)).Groups["url"].Value is { Length: > 0 } url
                && (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", url])).Text == "page");
    }

    [Theory]
    [InlineData("listen=nowhere", "invalid value of 'gateway-opts': invalid value of '--listen': 'nowhere'")]
    [InlineData("host=unix:///x", "neither 'host' nor 'help' can be set")]
    [InlineData("speed=7", "unknown flag: '--speed'")]
    public async Task Settings_of_a_kept_gateway_that_make_no_sense_are_told_when_the_daemon_starts(string option, string expected) =>
        (await Shell.RunAsync(Checkout.Executable("sampand"), ["--validate", "--gateway-opt", option])).Ended(1).Saying(expected);
}
