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
        load.Failures.ShouldBeEmpty();

        // One is killed: others are asked instead, and it comes back by itself, at whatever address.
        var victim = $"{app.Name}-web-3";
        (await Shell.ShAsync($"kill -9 {await InspectAsync(Clients.Sampan, victim, "{{.State.Pid}}")}")).Succeeded();
        await load.MoreAsync(30);
        await Eventually.HoldsAsync("it is healthy again", async () => await InspectAsync(Clients.Sampan, victim, "{{.RestartCount}} {{.State.Health.Status}}") == "1 healthy");
        await load.AnswersAreAsync("all five answer again", a => a.Count == 5);
        load.Failures.ShouldBeEmpty();
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
}
