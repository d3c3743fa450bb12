using System.Globalization;
using Sampan.EndToEnd.Harness;
using static Sampan.EndToEnd.NetworkTests;

namespace Sampan.EndToEnd;

/// <summary>The forms in which ports are published: all of the image's, ranges, addresses of the host; and who may call them.</summary>
public sealed class PublishFormTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Page = "mkdir -p /www; echo page >/www/index.html; exec httpd -f -p 80 -h /www";

    [Theory, MemberData(nameof(Both))]
    public async Task All_exposed_ports_get_ports_of_the_host_and_others_at_the_next_start(string client)
    {
        var name = NewName("all");
        (await RunAsync(client, "run", "-d", "--name", name, "-P", "--expose", "80", "--expose", "5000-5001/udp", "busybox", "sh", "-c", Page)).Succeeded();

        var mappings = (await RunAsync(client, "port", name)).Lines;
        mappings.Select(m => m.Split(" -> ")[0]).Distinct().Order(StringComparer.Ordinal).ShouldBe(["5000/udp", "5001/udp", "80/tcp"]);
        var port = await PortAsync(client, name, "80/tcp");
        await Eventually.HoldsAsync("the page is there", async () => await FetchAsync($"http://127.0.0.1:{port}/") == "page\n");

        (await RunAsync(client, "restart", "-t", "0", name)).Succeeded();
        var next = await PortAsync(client, name, "80/tcp");
        await Eventually.HoldsAsync("the page is there again", async () => await FetchAsync($"http://127.0.0.1:{next}/") == "page\n");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task One_port_takes_the_first_free_one_of_a_range(string client)
    {
        // Below the kernel's own range, and wide: of a thousand some are free whatever others do.
        var (one, two) = (NewName("ranged"), NewName("ranged"));
        (await RunAsync(client, "run", "-d", "--name", one, "-p", "18000-18999:80", "busybox", "sh", "-c", Page)).Succeeded();
        (await RunAsync(client, "run", "-d", "--name", two, "-p", "18000-18999:80", "busybox", "sh", "-c", Page)).Succeeded();

        var (first, second) = (await PortAsync(client, one, "80/tcp"), await PortAsync(client, two, "80/tcp"));
        first.ShouldBeInRange(18000, 18999);
        second.ShouldBeInRange(18000, 18999);
        second.ShouldNotBe(first);
        await Eventually.HoldsAsync("the second answers", async () => await FetchAsync($"http://127.0.0.1:{second}/") == "page\n");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Two_ranges_go_hand_in_hand(string client)
    {
        var name = NewName("pairs");
        for (var from = 19000; ; from += 10)
        {
            var outcome = await RunAsync(client, "run", "-d", "--name", name, "-p", $"{from}-{from + 2}:7000-7002", "busybox", "sleep", "1000");
            if (outcome.ExitCode == 0)
            {
                (await RunAsync(client, "port", name)).Lines.Where(l => l.Contains("0.0.0.0:", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                    .ShouldBe(Enumerable.Range(0, 3).Select(i => string.Create(CultureInfo.InvariantCulture, $"{7000 + i}/tcp -> 0.0.0.0:{from + i}")));
                break;
            }

            // Somebody else's: the next ones.
            outcome.Saying("already");
            from.ShouldBeLessThan(19900, outcome.All);
            (await RunAsync(client, "rm", "-f", name)).Succeeded();
        }

        (await RunAsync(client, "run", "--rm", "-p", "8000-8002:80-81", "busybox", "true")).Failed().Saying("range");
        (await RunAsync(client, "run", "--rm", "-p", "80:70000", "busybox", "true")).Failed().Saying("70000");
        (await RunAsync(client, "run", "--rm", "-p", "70000:80", "busybox", "true")).Failed().Saying("70000");
        (await RunAsync(client, "run", "--rm", "-p", "192.0.2.99::80", "busybox", "true")).Failed().Saying("192.0.2.99");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_container_calls_itself_and_its_neighbours_call_it_by_the_hosts_address(string client)
    {
        var (network, name) = (NewName("pin"), NewName("pin"));
        (await RunAsync(client, "network", "create", network)).Succeeded();
        try
        {
            (await RunAsync(client, "run", "-d", "--name", name, "--network", network, "-p", "80", "busybox", "sh", "-c", Page)).Succeeded();
            var port = await PortAsync(client, name, "80/tcp");
            var gateway = (await RunAsync(client, "network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", network)).Succeeded();

            await Eventually.HoldsAsync("it reaches itself", async () => (await RunAsync(client, "exec", name, "wget", "-q", "-O-", $"http://{gateway}:{port}/")).Text == "page");
            (await RunAsync(client, "run", "--rm", "--network", network, "busybox", "wget", "-q", "-O-", $"http://{gateway}:{port}/")).Succeeded("a neighbour").ShouldBe("page");
            (await RunAsync(client, "run", "--rm", "--add-host", "host.docker.internal:host-gateway", "busybox", "wget", "-q", "-O-", $"http://host.docker.internal:{port}/")).Succeeded("another network's, by the host's name").ShouldBe("page");
        }
        finally
        {
            await RunAsync(client, "rm", "-f", name);
            await RunAsync(client, "network", "rm", network);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task On_a_network_of_both_versions_a_port_is_published_on_both(string client)
    {
        var (network, name) = (NewName("dual"), NewName("dual"));
        (await RunAsync(client, "network", "create", "--ipv6", network)).Succeeded();
        try
        {
            (await RunAsync(client, "run", "-d", "--name", name, "--network", network, "-p", "80", "-p", "[::1]::81", "busybox", "sh", "-c", Page)).Succeeded();
            var ports = (await RunAsync(client, "port", name, "80/tcp")).Lines.Order(StringComparer.Ordinal).ToList();
            ports.Count.ShouldBe(2);
            ports[0].ShouldStartWith("0.0.0.0:");
            ports[1].ShouldStartWith("[::]:");
            var port = ports[1].Split(':')[^1];
            ports[0].ShouldEndWith(":" + port);
            (await RunAsync(client, "port", name, "81/tcp")).Lines.ShouldHaveSingleItem().ShouldStartWith("[::1]:");

            var gateway = (await RunAsync(client, "network", "inspect", "-f", "{{range .IPAM.Config}}{{.Gateway}} {{end}}", network)).Text.Split(' ').Single(a => a.Contains(':', StringComparison.Ordinal)).Split('/')[0];
            await Eventually.HoldsAsync("it answers by version 6", async () => await FetchAsync($"http://[{gateway}]:{port}/") == "page\n");
            (await FetchAsync($"http://127.0.0.1:{port}/")).ShouldBe("page\n");
            (await RunAsync(client, "run", "--rm", "-p", "[::1]::80", "busybox", "true")).Failed().Saying("have no addresses of IPv6");
        }
        finally
        {
            await RunAsync(client, "rm", "-f", name);
            await RunAsync(client, "network", "rm", network);
        }
    }

    private async Task<int> PortAsync(string client, string name, string port) =>
        int.Parse((await RunAsync(client, "port", name, port)).Lines[0].Split(':')[^1], CultureInfo.InvariantCulture);
}
