using System.Globalization;
using System.Text.Json;
using Sampan.EndToEnd.Harness;
using static Sampan.EndToEnd.NetworkTests;

namespace Sampan.EndToEnd;

/// <summary>Networks while containers run: ports that come and go, links, events, IPv6, and what is exposed.</summary>
public sealed class LiveNetworkTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Page = "mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www";

    [Fact]
    public async Task Ports_are_published_and_withdrawn_while_the_container_runs()
    {
        var name = NewName("live");
        (await RunAsync("sampan", "run", "-d", "--name", name, "-p", "80", "busybox", "sh", "-c", Page)).Succeeded();
        var first = await PortAsync(name);
        await Eventually.HoldsAsync("the first port answers", async () => (await FetchAsync($"http://127.0.0.1:{first}/")) == "page\n");

        (await RunAsync("sampan", "update", "--publish-add", "80", name)).Succeeded().ShouldBe(name);
        var ports = (await RunAsync("sampan", "port", name, "80/tcp")).Lines.Select(l => l.Split(':')[^1]).ToList();
        ports.Count.ShouldBe(2);
        var second = ports.Single(p => p != first);
        (await FetchAsync($"http://127.0.0.1:{second}/")).ShouldBe("page\n");

        (await RunAsync("sampan", "update", "--publish-rm", first, name)).Succeeded();
        (await FetchAsync($"http://127.0.0.1:{first}/")).ShouldBeNull();
        (await FetchAsync($"http://127.0.0.1:{second}/")).ShouldBe("page\n");
        (await RunAsync("sampan", "update", "--publish-rm", first, name)).Ended(1).Saying($"does not publish the host's port {first}/tcp");

        // The container's next run has what it was given.
        (await RunAsync("sampan", "restart", "-t", "0", name)).Succeeded();
        var again = await PortAsync(name);
        await Eventually.HoldsAsync("its port answers again", async () => (await FetchAsync($"http://127.0.0.1:{again}/")) == "page\n");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_link_on_the_default_network_is_a_name_and_variables(string client)
    {
        var (db, web) = (NewName("db"), NewName("web"));
        (await RunAsync(client, "run", "-d", "--name", db, "--expose", "5432", "-e", "PASSWORD=secret", "busybox", "sleep", "1000")).Succeeded();
        (await RunAsync(client, "run", "-d", "--name", web, "--link", $"{db}:my-db", "busybox", "sleep", "1000")).Succeeded();
        var address = await InspectAsync(client, db, "{{.NetworkSettings.Networks.bridge.IPAddress}}");

        (await RunAsync(client, "exec", web, "ping", "-c", "1", "my-db")).Succeeded().ShouldContain(address);
        var variables = (await RunAsync(client, "exec", web, "env")).Lines;
        variables.ShouldContain($"MY_DB_PORT_5432_TCP=tcp://{address}:5432");
        variables.ShouldContain("MY_DB_ENV_PASSWORD=secret");
        variables.ShouldContain($"MY_DB_NAME=/{web}/my-db");
        (await InspectAsync(client, web, "{{.HostConfig.Links}}")).ShouldBe($"[/{db}:/{web}/my-db]");

        (await RunAsync(client, "run", "--rm", "--link", "nobody-there", "busybox", "true")).Ended(125).Saying("could not get container for nobody-there");
        (await RunAsync(client, "stop", "-t", "0", db)).Succeeded();
        (await RunAsync(client, "restart", "-t", "0", web)).Ended(1).Saying($"Cannot link to a non running container: /{db} AS /{web}/my-db");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Containers_that_start_and_end_are_told_as_events_of_their_network(string client)
    {
        var network = NewName("told");
        (await RunAsync(client, "network", "create", network)).Succeeded();
        (await RunAsync(client, "run", "--rm", "--network", network, "busybox", "true")).Succeeded();

        await Eventually.HoldsAsync("the events are there", async () =>
            (await RunAsync(client, "events", "--since", "10m", "--until", (DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1).ToString(CultureInfo.InvariantCulture), "--filter", "type=network", "--filter", $"network={network}", "--format", "{{.Action}}")).Lines.SequenceEqual(["create", "connect", "disconnect"]));
        (await RunAsync(client, "network", "rm", network)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_network_of_both_versions_gives_an_address_of_each(string client)
    {
        var (network, name) = (NewName("six"), NewName("six"));
        (await RunAsync(client, "network", "create", "--ipv6", network)).Succeeded();
        await SleeperAsync(client, name, "--network", network);

        var address = await InspectAsync(client, name, $"{{{{(index .NetworkSettings.Networks \"{network}\").GlobalIPv6Address}}}}");
        address.ShouldStartWith("fd");
        (await RunAsync(client, "exec", name, "ip", "-6", "-o", "addr", "show", "eth0")).Succeeded().ShouldContain($"{address}/64");
        (await RunAsync(client, "exec", name, "cat", "/etc/hosts")).Succeeded().ShouldContain($"{address}\t");
        (await RunAsync(client, "run", "--rm", "--network", network, "busybox", "ping", "-6", "-c", "1", name)).Succeeded().ShouldContain(address);
        (await RunAsync(client, "network", "ls", "--filter", $"name={network}", "--format", "{{.IPv6}}")).Lines.ShouldBe(["true"]);

        (await RunAsync(client, "rm", "-f", name)).Succeeded();
        (await RunAsync(client, "network", "rm", network)).Succeeded();
    }

    [Fact]
    public async Task Exposure_says_who_reaches_a_port_and_why()
    {
        var name = NewName("shown");
        (await RunAsync("sampan", "run", "-d", "--name", name, "-p", "127.0.0.1::80", "busybox", "sleep", "1000")).Succeeded();
        var port = await PortAsync(name);

        var lines = (await RunAsync("sampan", "network", "exposure", "--format", "json")).Lines.Select(l => JsonDocument.Parse(l).RootElement).Where(l => l.GetProperty("Container").GetString() == name).ToList();

        lines.Count.ShouldBe(2);
        lines[0].GetProperty("At").GetString().ShouldBe($"127.0.0.1:{port}");
        lines[0].GetProperty("From").GetString().ShouldBe("this host only");
        lines[0].GetProperty("Why").GetString().ShouldBe($"published as 127.0.0.1:{port}->80/tcp");
        (await RunAsync("sampan", "network", "exposure")).Lines[0].ShouldMatch("^CONTAINER +NETWORK +PORT +AT +REACHABLE FROM +WHY");
    }

    private async Task<string> PortAsync(string name)
    {
        var port = (await RunAsync("sampan", "port", name, "80/tcp")).Lines[0].Split(':')[^1];
        int.Parse(port, CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        return port;
    }
}
