using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Containers that share a virtual address, names and published ports, and updates of them that nobody notices.</summary>
public sealed class ServiceTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Web = """
            image: busybox
            command: sh -c 'mkdir /www; echo "$$HOSTNAME $$WHAT" > /www/index.html; exec httpd -f -p 80 -h /www'
            init: true
            healthcheck: {test: "wget -qO /dev/null http://127.0.0.1/", interval: 200ms, timeout: 30s, retries: 20, start_interval: 200ms}
            environment: {WHAT: "${WHAT:-first}"}
        """;

    [Theory, MemberData(nameof(Both))]
    public async Task Containers_with_the_label_share_an_address_names_and_a_port(string client)
    {
        var (network, service) = (NewName("shared"), NewName("svc"));
        (await RunAsync(client, "network", "create", network)).Succeeded();
        try
        {
            var names = new[] { NewName("web"), NewName("web") };
            foreach (var name in names)
                (await RunAsync(client, "run", "-d", "--init", "--name", name, "--network", network, "--network-alias", "front", "--label", $"sampan.service={service}", "-p", "80", "busybox", "sh", "-c", $"mkdir /www; echo {name} > /www/index.html; exec httpd -f -p 80 -h /www")).Succeeded();

            // One address for the names, one for each container, one port for all.
            using var inspected = JsonDocument.Parse((await RunAsync(client, "network", "inspect", network)).Succeeded());
            var shown = inspected.RootElement[0].GetProperty("Services").GetProperty(service);
            var address = shown.GetProperty("VIP").GetString();
            shown.GetProperty("Tasks").EnumerateArray().Select(t => t.GetProperty("Name").GetString()).ShouldBe(names.Order());
            var ports = new[] { (await RunAsync(client, "port", names[0], "80/tcp")).Lines[0], (await RunAsync(client, "port", names[1], "80/tcp")).Lines[0] };
            ports[1].ShouldBe(ports[0]);
            shown.GetProperty("Ports").EnumerateArray().Single().GetString().ShouldBe($"Target: 80, Publish: {ports[0].Split(':')[^1]}");

            await using (var load = new Load($"http://127.0.0.1:{ports[0].Split(':')[^1]}/"))
            {
                // From the host, by the port: both answer, and one that is stopped gets nothing any more.
                await load.AnswersAreAsync("both answer", a => a.SequenceEqual(names.Order()));
                var talk = await BusyboxAsync(client, "nslookup front; nslookup tasks.front; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do wget -qO - http://front/; done", "--network", network);
                talk.ShouldContain($"Address: {address}");
                foreach (var name in names)
                {
                    talk.ShouldContain($"{name}\n");
                    talk.ShouldContain($"Address: {await InspectAsync(client, name, $"{{{{(index .NetworkSettings.Networks \"{network}\").IPAddress}}}}")}");
                }

                (await RunAsync(client, "stop", names[0])).Succeeded();
                await load.AnswersAreAsync("the other answers alone", a => a.SequenceEqual([names[1]]));
                (await RunAsync(client, "start", names[0])).Succeeded();
                await load.AnswersAreAsync("both answer again", a => a.Count == 2);
            }

            // The last one takes the address along.
            (await RunAsync(client, ["rm", "-f", .. names])).Succeeded();
            (await RunAsync(client, "network", "inspect", network)).Succeeded().ShouldNotContain("Services");
            (await RunAsync(client, "run", "--rm", "--label", "sampan.service=a b", "busybox", "true")).Ended(125).Saying("invalid label sampan.service");
        }
        finally
        {
            await Daemon.RemoveAllContainersAsync();
            await RunAsync(client, "network", "rm", network);
        }
    }

    [Theory]
    [InlineData("start-first")]
    [InlineData("stop-first")]
    public async Task An_update_under_load_loses_no_request(string order)
    {
        await using var app = new Application(this, $$"""
            services:
              web:
            {{Web}}
                ports: ["80"]
                deploy: {replicas: 2, update_config: {parallelism: 1, order: {{order}} } }
              client:
                image: busybox
                command: sh -c 'while true; do wget -qO /dev/null http://web/ || echo FAILED; echo asked; done'
                init: true
                depends_on: {web: {condition: service_healthy} }
            """);
        (await app.RunAsync("up", "-d", "--wait")).Succeeded();
        await using var load = new Load($"http://127.0.0.1:{(await app.RunAsync("port", "web", "80")).Succeeded().Split(':')[^1]}/");
        await load.AnswersAreAsync("both answer", a => a.Count == 2);

        await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), "WHAT=second\n");
        (await app.RunAsync("up", "-d")).Succeeded();
        await load.AnswersAreAsync("both successors answer, and nobody else", a => a.Count == 2 && a.All(s => s.EndsWith(" second", StringComparison.Ordinal)));

        // Scaling, too, is noticed by nobody.
        (await app.RunAsync("up", "-d", "--wait", "--scale", "web=4")).Succeeded();
        await load.AnswersAreAsync("all four answer", a => a.Count == 4);
        (await app.RunAsync("up", "-d", "--scale", "web=2")).Succeeded();
        await load.AnswersAreAsync("two are left", a => a.Count == 2);

        load.Failures.ShouldBeEmpty();
        var asked = (await app.RunAsync("logs", "--no-log-prefix", "client")).Succeeded();
        asked.ShouldContain("asked");
        asked.ShouldNotContain("FAILED");
    }

    [Fact]
    public async Task A_container_that_is_killed_is_left_out_and_comes_back_under_the_same_address()
    {
        await using var app = new Application(this, $$"""
            services:
              web:
            {{Web}}
                ports: ["80"]
                restart: always
                deploy: {replicas: 2}
            """);
        (await app.RunAsync("up", "-d", "--wait")).Succeeded();
        var network = $"{app.Name}_default";
        var address = (await RunAsync(Clients.Docker, "network", "inspect", "-f", "{{range .Services}}{{.VIP}}{{end}}", network)).Succeeded();
        await using var load = new Load($"http://127.0.0.1:{(await app.RunAsync("port", "web", "80")).Succeeded().Split(':')[^1]}/");
        await load.AnswersAreAsync("both answer", a => a.Count == 2);

        var victim = $"{app.Name}-web-1";
        (await Shell.ShAsync($"kill -9 {await InspectAsync(Clients.Sampan, victim, "{{.State.Pid}}")}")).Succeeded();
        await Eventually.HoldsAsync("it was started again", async () => await InspectAsync(Clients.Sampan, victim, "{{.RestartCount}} {{.State.Health.Status}}") is not "0 healthy");
        var failed = load.Failures.Count;
        await load.MoreAsync(50);
        await Eventually.HoldsAsync("it is healthy again", async () => await InspectAsync(Clients.Sampan, victim, "{{.State.Health.Status}}") == "healthy");
        await load.AnswersAreAsync("both answer again", a => a.Count == 2);
        load.Failures.Count.ShouldBe(failed, "none failed after the engine knew");
        (await RunAsync(Clients.Docker, "network", "inspect", "-f", "{{range .Services}}{{.VIP}}{{end}}", network)).Succeeded().ShouldBe(address);
    }
}
