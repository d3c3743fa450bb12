using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Networks that people make.</summary>
public sealed class UserNetworkTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task A_network_is_created_listed_inspected_and_removed(string client)
    {
        var name = NewName("net");
        var before = await Census.TakeAsync(Daemon);

        var id = (await RunAsync(client, "network", "create", "--label", "a=b", "--subnet", $"{Daemon.Pool}.128/28", "--ip-range", $"{Daemon.Pool}.136/29", "--gateway", $"{Daemon.Pool}.129", "--aux-address", $"printer={Daemon.Pool}.136", "--attachable", "-o", "com.docker.network.driver.mtu=1400", name)).Succeeded();

        id.Length.ShouldBe(64);
        (await RunAsync(client, "network", "ls", "--filter", "type=custom", "--filter", $"name={name}", "--format", "{{.Name}} {{.Driver}}")).Lines.ShouldBe([$"{name} bridge"]);
        (await RunAsync(client, "network", "ls", "--filter", "dangling=true", "--filter", "label=a=b", "-q", "--no-trunc")).Lines.ShouldContain(id);
        using var shown = JsonDocument.Parse((await RunAsync(client, "network", "inspect", id[..12])).Succeeded());
        var network = shown.RootElement[0];
        network.GetProperty("Attachable").GetBoolean().ShouldBeTrue();
        network.GetProperty("Options").GetProperty("com.docker.network.driver.mtu").GetString().ShouldBe("1400");
        var config = network.GetProperty("IPAM").GetProperty("Config")[0];
        config.GetProperty("Subnet").GetString().ShouldBe($"{Daemon.Pool}.128/28");
        config.GetProperty("IPRange").GetString().ShouldBe($"{Daemon.Pool}.136/29");
        config.GetProperty("Gateway").GetString().ShouldBe($"{Daemon.Pool}.129");
        config.GetProperty("AuxiliaryAddresses").GetProperty("printer").GetString().ShouldBe($"{Daemon.Pool}.136");

        (await BusyboxAsync(client, "ip -o -4 addr show eth0; cat /sys/class/net/eth0/mtu", "--network", name)).ShouldMatch($@"inet {Daemon.Pool}\.137/28[\s\S]*1400$");
        (await RunAsync(client, "network", "rm", name)).Succeeded().ShouldBe(name);
        (await RunAsync(client, "network", "inspect", name)).Ended(1).Saying($"network {name} not found");
        await Census.ReturnsToAsync(Daemon, before);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_running_container_is_connected_and_disconnected(string client)
    {
        var (first, second, name) = (NewName("net"), NewName("net"), NewName("both"));
        (await RunAsync(client, "network", "create", first)).Succeeded();
        (await RunAsync(client, "network", "create", second)).Succeeded();
        await SleeperAsync(client, name, "--network", first);

        (await RunAsync(client, "network", "connect", second, name)).Succeeded();

        var address = await InspectAsync(client, name, $"{{{{(index .NetworkSettings.Networks \"{second}\").IPAddress}}}}");
        (await RunAsync(client, "exec", name, "ip", "-o", "-4", "addr", "show", "eth1")).Succeeded().ShouldContain($"inet {address}/28");
        (await RunAsync(client, "exec", name, "cat", "/etc/hosts")).Succeeded().ShouldContain($"{address}\t");
        (await RunAsync(client, "network", "inspect", second, "-f", "{{range .Containers}}{{.Name}}{{end}}")).Succeeded().ShouldBe(name);
        (await RunAsync(client, "network", "rm", second)).Ended(1).Saying("has active endpoints");
        (await RunAsync(client, "network", "connect", second, name)).Ended(1).Saying($"endpoint with name {name} already exists in network {second}");

        (await RunAsync(client, "network", "disconnect", second, name)).Succeeded();
        (await RunAsync(client, "exec", name, "ls", "/sys/class/net")).Succeeded().ShouldNotContain("eth1");
        (await RunAsync(client, "exec", name, "cat", "/etc/hosts")).Succeeded().ShouldNotContain($"{address}\t");
        (await RunAsync(client, "network", "disconnect", second, name)).Ended(1).Saying("is not connected to");

        (await RunAsync(client, "stop", "-t", "0", name)).Succeeded();
        (await RunAsync(client, "network", "connect", second, name)).Succeeded();
        (await RunAsync(client, "start", name)).Succeeded();
        (await RunAsync(client, "exec", name, "ip", "-o", "-4", "addr")).Succeeded().ShouldContain("eth1");
        (await RunAsync(client, "rm", "-f", name)).Succeeded();
        (await RunAsync(client, "network", "rm", first, second)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Networks_do_not_reach_each_other(string client)
    {
        var (first, second, name) = (NewName("net"), NewName("net"), NewName("server"));
        (await RunAsync(client, "network", "create", first)).Succeeded();
        (await RunAsync(client, "network", "create", second)).Succeeded();
        (await RunAsync(client, "run", "-d", "--name", name, "--network", first, "busybox", "sh", "-c", "mkdir -p /www; echo page >/www/index.html; exec httpd -f -p 80 -h /www")).Succeeded();
        var address = await InspectAsync(client, name, $"{{{{(index .NetworkSettings.Networks \"{first}\").IPAddress}}}}");

        await Eventually.HoldsAsync("a neighbour is answered", async () => (await RunAsync(client, "run", "--rm", "--network", first, "busybox", "wget", "-q", "-O-", $"http://{address}/")).Text == "page");
        (await RunAsync(client, "run", "--rm", "--network", second, "busybox", "wget", "-T2", "-q", "-O-", $"http://{address}/")).ExitCode.ShouldNotBe(0, "another network is closed");
        (await RunAsync(client, "run", "--rm", "busybox", "wget", "-T2", "-q", "-O-", $"http://{address}/")).ExitCode.ShouldNotBe(0, "the default one is closed as well");
        (await RunAsync(client, "rm", "-f", name)).Succeeded();
        (await RunAsync(client, "network", "rm", first, second)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_textbook_case_a_database_is_reached_by_its_alias(string client)
    {
        var (network, server) = (NewName("todo-app"), NewName("server"));
        (await RunAsync(client, "network", "create", network)).Succeeded();
        (await RunAsync(client, "run", "-d", "--name", server, "--network", network, "--network-alias", "mysql", "busybox", "sh", "-c", "mkdir -p /www; echo rows >/www/index.html; exec httpd -f -p 3306 -h /www")).Succeeded();
        var address = await InspectAsync(client, server, $"{{{{(index .NetworkSettings.Networks \"{network}\").IPAddress}}}}");

        (await BusyboxAsync(client, "cat /etc/resolv.conf", "--network", network)).ShouldContain("nameserver 127.0.0.11");
        (await BusyboxAsync(client, "nslookup mysql 127.0.0.11", "--network", network)).ShouldContain(address);
        await Eventually.HoldsAsync("the server answers by its alias", async () => (await RunAsync(client, "run", "--rm", "--network", network, "busybox", "wget", "-q", "-O-", "http://mysql:3306/")).Text == "rows");
        (await RunAsync(client, "run", "--rm", "--network", network, "busybox", "wget", "-q", "-O-", $"http://{server}:3306/")).Succeeded().ShouldBe("rows");

        (await RunAsync(client, "rm", "-f", server)).Succeeded();
        (await RunAsync(client, "network", "rm", network)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_docker_refuses_is_refused_in_its_words(string client)
    {
        (await RunAsync(client, "network", "create", "bridge")).Ended(1).Saying("operation is not permitted on predefined bridge network");
        (await RunAsync(client, "network", "create", "-d", "no-such-driver", "x")).Ended(1).Saying("plugin \"no-such-driver\" not found");
        (await RunAsync(client, "network", "create", "--subnet", "banana", "x")).Ended(1).Saying("invalid CIDR");
        (await RunAsync(client, "network", "create", "--subnet", $"{Daemon.Subnet}.0/25", "x")).Ended(1).Saying("Pool overlaps with other one on this address space");
        (await RunAsync(client, "network", "create", "-o", "com.example.unknown=1", "x")).Ended(1).Saying("com.example.unknown");
        (await RunAsync(client, "network", "rm", "host")).Ended(1).Saying("host is a pre-defined network and cannot be removed");
        var name = NewName("hosted");
        await SleeperAsync(client, name, "--network", "host");
        (await RunAsync(client, "network", "connect", "bridge", name)).Ended(1).Saying("container sharing network namespace with another container or host cannot be connected to any other network");
        (await RunAsync(client, "network", "connect", "no-such-network", name)).Ended(1).Saying("network no-such-network not found");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Networks_nobody_uses_are_pruned(string client)
    {
        var (used, unused, name) = (NewName("net"), NewName("net"), NewName("user"));
        (await RunAsync(client, "network", "create", "--label", $"prune={used}", used)).Succeeded();
        (await RunAsync(client, "network", "create", "--label", $"prune={used}", unused)).Succeeded();
        await SleeperAsync(client, name, "--network", used);

        (await RunAsync(client, "network", "prune", "-f", "--filter", $"label=prune={used}")).Succeeded().ShouldContain(unused);

        (await RunAsync(client, "network", "ls", "--filter", $"label=prune={used}", "--format", "{{.Name}}")).Lines.ShouldBe([used]);
        (await RunAsync(client, "rm", "-f", name)).Succeeded();
        (await RunAsync(client, "network", "rm", used)).Succeeded();
    }
}
