using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary><c>deploy</c>: updates, and back.</summary>
public sealed class ComposeUpdateTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task Rollback_returns_to_what_was_before_and_a_second_one_goes_forward_again()
    {
        await using var app = new Application(this, """
            services:
              web:
                image: busybox
                command: sleep 1000
                init: true
                environment: {V: "${V:-1}"}
                volumes: [/data]
                networks: {default: {aliases: [shop]}}
                deploy: {replicas: "${N:-2}", update_config: {parallelism: 1}, rollback_config: {parallelism: 0, order: start-first}}
              db: {image: busybox, command: sleep 1000, init: true}
            """);
        (await app.RunAsync("up", "-d")).Succeeded();
        (await app.RunAsync("rollback")).Ended(1).Saying("there is nothing to go back to");
        (await app.RunAsync("exec", "-T", "web", "sh", "-c", "echo kept > /data/file")).Succeeded();
        var first = await app.IdsAsync();

        await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), "V=2\nN=3\n");
        (await app.RunAsync("up", "-d")).Succeeded();
        (await VersionsAsync()).ShouldBe(["web-1 2", "web-2 2", "web-3 2"]);

        (await app.RunAsync("rollback", "db")).Ended(1).Saying("the service 'db' has no former state");
        (await app.RunAsync("rollback")).Saying("web-1  Recreate (back to what it was)").Saying("web-3  Removing (there were 2)").Succeeded();
        (await VersionsAsync()).ShouldBe(["web-1 1", "web-2 1"]);
        (await app.RunAsync("exec", "-T", "web", "sh", "-c", "cat /data/file; nslookup shop > /dev/null && echo found")).Lines.ShouldBe(["kept", "found"]);
        (await app.IdsAsync())["db"].ShouldBe(first["db"]);
        (await RunAsync(Clients.Sampan, "ps", "-a", "--filter", $"label=com.docker.compose.project={app.Name}", "--format", "{{.Labels}}")).All.ShouldNotContain("former", Case.Sensitive, "what they remember is in no list");

        (await app.RunAsync("rollback", "web")).Succeeded();
        (await VersionsAsync()).ShouldBe(["web-1 2", "web-2 2", "web-3 2"]);
        (await app.RunAsync("up", "-d")).Succeeded();
        (await VersionsAsync()).ShouldBe(["web-1 2", "web-2 2", "web-3 2"]);

        async Task<string[]> VersionsAsync()
        {
            var found = new List<string>();
            foreach (var name in (await app.RunAsync("ps", "--format", "{{.Name}}", "web")).Lines)
                found.Add($"{name[(app.Name.Length + 1)..]} {(await RunAsync(Clients.Sampan, "exec", name, "sh", "-c", "echo $V")).Succeeded()}");
            return [.. found];
        }
    }

    [Theory]
    [InlineData("stop-first", "is back")]
    [InlineData("start-first", "the container before it was kept")]
    public async Task An_update_that_fails_is_taken_back(string order, string told)
    {
        await using var app = new Application(this, $$"""
            services:
              web:
                image: busybox
                command: sh -c 'test $$V != 2 && exec sleep 1000; echo broken; exit 3'
                init: true
                environment: {V: "${V:-1}"}
                healthcheck: {test: "test $$V != 2", interval: 100ms, timeout: 30s, retries: 2}
                deploy: {replicas: 2, update_config: {parallelism: 1, order: {{order}}, monitor: 60s, failure_action: rollback}, rollback_config: {parallelism: 0} }
            """);
        (await app.RunAsync("up", "-d", "--wait")).Succeeded();

        await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), "V=2\n");
        (await app.RunAsync("up", "-d")).Ended(1).Saying("the update of 'web' failed, and what was before it is back").Saying(told);

        (await app.RunAsync("ps", "-a", "--format", "{{.Name}} {{.State}}")).Lines.ShouldBe([$"{app.Name}-web-1 running", $"{app.Name}-web-2 running"]);
        (await app.RunAsync("exec", "-T", "web", "sh", "-c", "echo $V")).Succeeded().ShouldBe("1");
    }

    [Fact]
    public async Task Restart_times_and_reservations_reach_the_engine()
    {
        await using var app = new Application(this, """
            services:
              a: {image: busybox, command: sleep 1000, init: true, deploy: {restart_policy: {condition: on-failure, delay: 1500ms, window: 2m}, resources: {reservations: {cpus: "0.5", memory: 20M}}}}
              big: {image: busybox, profiles: [big], deploy: {resources: {reservations: {cpus: "100000", memory: 1000000G}}}}
            """);
        (await app.RunAsync("up", "-d", "a")).Succeeded();
        (await InspectAsync(Clients.Sampan, $"{app.Name}-a-1", "{{index .Config.Labels \"io.sampan.restart-delay\"}} {{index .Config.Labels \"io.sampan.restart-window\"}} {{.HostConfig.CpuShares}} {{.HostConfig.MemoryReservation}}")).ShouldBe("1.5 120 512 20971520");
        (await app.RunAsync("up", "-d", "big")).Ended(1).Saying("services.big.deploy.resources.reservations.cpus: 100000 processors are reserved, and this node, which is the only one, has").Saying("reservations.memory: ");
    }
}
