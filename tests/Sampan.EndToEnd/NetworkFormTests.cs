using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>All that <c>network create</c>, <c>network connect</c> and the long form of <c>--network</c> can say.</summary>
public sealed class NetworkFormTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task The_long_form_says_all_of_an_endpoint(string client)
    {
        var (front, back, name) = (NewName("front"), NewName("back"), NewName("placed"));
        (await RunAsync(client, "network", "create", front)).Succeeded();
        (await RunAsync(client, "network", "create", back)).Succeeded();
        try
        {
            var subnet = (await RunAsync(client, "network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", front)).Text.Split('/')[0];
            var gateway = (await RunAsync(client, "network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", back)).Text.Split('/')[0];
            var address = subnet[..(subnet.LastIndexOf('.') + 1)] + (int.Parse(subnet.Split('.')[^1], System.Globalization.CultureInfo.InvariantCulture) + 9);
            await SleeperAsync(
                client, name,
                "--network", $"name={front},alias=web,alias=www,ip={address},mac-address=02:42:0a:00:00:99,link-local-ip=169.254.9.9,driver-opt=com.docker.network.endpoint.ifname=front0,\"driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1\"",
                "--network", $"name={back},gw-priority=5,driver-opt=com.docker.network.endpoint.ifname=back0");

            var links = (await RunAsync(client, "exec", name, "ls", "/sys/class/net")).Lines;
            links.Order(StringComparer.Ordinal).ShouldBe(["back0", "front0", "lo"]);
            (await RunAsync(client, "exec", name, "cat", "/sys/class/net/front0/address")).Text.ShouldBe("02:42:0a:00:00:99");
            (await RunAsync(client, "exec", name, "cat", "/proc/sys/net/ipv4/conf/front0/log_martians")).Text.ShouldBe("1");
            (await RunAsync(client, "exec", name, "ip", "-o", "-4", "addr", "show", "front0")).Text.ShouldSatisfyAllConditions(
                text => text.ShouldContain($"{address}/28"), text => text.ShouldContain("169.254.9.9/16"));
            (await RunAsync(client, "exec", name, "ip", "route")).Text.ShouldContain($"default via {gateway} dev back0");
            (await BusyboxAsync(client, "nslookup web 127.0.0.11 && nslookup www 127.0.0.11", "--network", front)).ShouldContain(address);
            (await InspectAsync(client, name, $"{{{{(index .NetworkSettings.Networks \"{front}\").IPAMConfig.LinkLocalIPs}}}}")).ShouldBe("[169.254.9.9]");
            (await InspectAsync(client, name, $"{{{{(index .NetworkSettings.Networks \"{back}\").GwPriority}}}}")).ShouldBe("5");
            (await RunAsync(client, "run", "--rm", "--network", $"name={front},ip={address}", "busybox", "ip", "-o", "-4", "addr", "show", "eth0")).Failed().Saying("already in use");
            (await RunAsync(client, "run", "--rm", "--network", $"name={front},colour=red", "busybox", "true")).Failed().Saying("colour");
        }
        finally
        {
            await RunAsync(client, "rm", "-f", name);
            await RunAsync(client, "network", "rm", front, back);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Connect_says_the_same_of_a_container_that_runs(string client)
    {
        var (network, name, other) = (NewName("late"), NewName("late"), NewName("linked"));
        var subnet = $"{Daemon.Pool}.{(client == Clients.Docker ? 192 : 208)}/28";
        var prefix = $"{Daemon.Pool}.";
        var first = client == Clients.Docker ? 192 : 208;
        (await RunAsync(client, "network", "create", "--subnet", subnet, "--ipv6", "--subnet", $"fd00:5b:{first}::/64", network)).Succeeded();
        try
        {
            await SleeperAsync(client, other, "--network", network);
            await SleeperAsync(client, name);
            (await RunAsync(
                client, "network", "connect", "--alias", "late-comer", "--ip", $"{prefix}{first + 9}", "--ip6", $"fd00:5b:{first}::9", "--link", $"{other}:friend", "--link-local-ip", "169.254.8.8",
                "--driver-opt", "com.docker.network.endpoint.ifname=late0", "--gw-priority", "7", network, name)).Succeeded();

            var shown = (await RunAsync(client, "exec", name, "ip", "-o", "addr", "show", "late0")).Text;
            shown.ShouldContain($"{prefix}{first + 9}/28");
            shown.ShouldContain($"fd00:5b:{first}::9/64");
            shown.ShouldContain("169.254.8.8/16");
            (await RunAsync(client, "exec", name, "ip", "route")).Text.ShouldContain($"default via {prefix}{first + 1} dev late0");
            (await RunAsync(client, "exec", name, "nslookup", "friend", "127.0.0.11")).Succeeded().ShouldContain(prefix);
            (await RunAsync(client, "exec", other, "nslookup", "late-comer", "127.0.0.11")).Succeeded().ShouldContain($"{prefix}{first + 9}");

            (await RunAsync(client, "network", "disconnect", network, name)).Succeeded();
            (await RunAsync(client, "exec", name, "ip", "route")).Text.ShouldContain($"default via {Daemon.Subnet}.1 dev eth0");
            (await RunAsync(client, "network", "connect", "--ip", $"{prefix}{first + 2}", network, name)).Ended(1).Saying("already in use");
            (await RunAsync(client, "network", "connect", "--ip", "10.1.2.3", network, name)).Ended(1).Saying("10.1.2.3");
            (await RunAsync(client, "run", "--rm", "--ip", $"{Daemon.Subnet}.99", "busybox", "true")).Failed().Saying("user specified IP address is supported on user-defined networks only");
            (await RunAsync(client, "network", "connect", "--ip", $"{Daemon.Subnet}.99", "bridge", other)).Ended(1).Saying("user specified IP address is supported on user-defined networks only");
            (await RunAsync(client, "network", "connect", "--driver-opt", "com.example.unknown=1", network, name)).Ended(1).Saying("com.example.unknown");
        }
        finally
        {
            await RunAsync(client, "rm", "-f", name, other);
            await RunAsync(client, "network", "rm", network);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Networks_are_made_from_a_configuration(string client)
    {
        var (conf, made, name) = (NewName("conf"), NewName("made"), NewName("placed"));
        var (first, subnet) = client == Clients.Docker ? (224, $"{Daemon.Pool}.224/28") : (240, $"{Daemon.Pool}.240/28");
        var gateway = $"{Daemon.Pool}.{first + 5}";
        try
        {
            (await RunAsync(client, "network", "create", "--config-only", "--subnet", subnet, "--gateway", gateway, "-o", "com.docker.network.driver.mtu=1400", "--label", "made=of", conf)).Succeeded();
            (await RunAsync(client, "network", "inspect", "-f", "{{.Driver}} {{.ConfigOnly}} {{.Scope}} {{(index .IPAM.Config 0).Subnet}} {{(index .IPAM.Config 0).Gateway}} {{.Labels.made}}", conf)).Text.ShouldBe($"null true local {subnet} {gateway} of");
            (await RunAsync(client, "network", "create", "--config-from", conf, "--internal", made)).Succeeded();
            (await RunAsync(client, "network", "inspect", "-f", "{{.Driver}} {{.ConfigOnly}} {{.ConfigFrom.Network}} {{.Internal}} {{(index .IPAM.Config 0).Subnet}} {{(index .IPAM.Config 0).Gateway}} {{.Labels.made}}", made)).Text.ShouldBe($"bridge false {conf} true {subnet} {gateway} of");
            (await BusyboxAsync(client, "cat /sys/class/net/eth0/mtu", "--network", made)).ShouldBe("1400");

            // What belongs to the configuration cannot be said once more, and it stays while it is used.
            foreach (var (flag, value) in new[] { ("--subnet", "10.99.0.0/24"), ("--label", "a=b"), ("--ipam-driver", "other") })
                (await RunAsync(client, "network", "create", "--config-from", conf, flag, value, made + "2")).Ended(1).Saying("user specified configurations are not supported if the network depends on a configuration network");
            (await RunAsync(client, "network", "create", "--config-from", conf, "-o", "com.docker.network.driver.mtu=1300", made + "2")).Ended(1).Saying("network driver options are not supported if the network depends on a configuration network");
            (await RunAsync(client, "network", "create", "--config-from", made, made + "2")).Ended(1).Saying($"configuration network \"{made}\" does not exist");
            (await RunAsync(client, "network", "create", "--config-only", "--config-from", conf, made + "2")).Ended(1).Saying("cannot depend on another configuration network");
            (await RunAsync(client, "network", "create", "--config-only", "--internal", made + "2")).Ended(1).Saying("configuration network can only contain network specific fields");
            (await RunAsync(client, "network", "rm", conf)).Ended(1).Saying($"configuration network \"{conf}\" is in use");
            (await RunAsync(client, "create", "--name", name, "--network", conf, "busybox", "true")).Succeeded();
            (await RunAsync(client, "start", name)).Ended(1).Saying("cannot create endpoint on configuration-only network");

            // It is nobody's to prune.
            (await RunAsync(client, "network", "rm", made)).Succeeded();
            (await RunAsync(client, "network", "prune", "-f", "--filter", "label=made=of")).Succeeded();
            (await RunAsync(client, "network", "inspect", "-f", "{{.Name}}", conf)).Text.ShouldBe(conf);
        }
        finally
        {
            await RunAsync(client, "rm", "-f", name);
            await RunAsync(client, "network", "rm", made);
            await RunAsync(client, "network", "rm", conf);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_needs_a_swarm_or_another_address_driver_is_answered_as_docker_does(string client)
    {
        var name = NewName("odd");
        try
        {
            (await RunAsync(client, "network", "create", "--ingress", name)).Ended(1).Saying("Ingress network can only be global scope network");
            (await RunAsync(client, "network", "create", "--scope", "swarm", name)).Ended(1).Saying("cannot create a swarm scoped network when swarm is not active");
            (await RunAsync(client, "network", "create", "--ipam-driver", "null", name)).Ended(1).Saying("ipv4 pool is empty");
            (await RunAsync(client, "network", "create", "--ipam-driver", "null", "--subnet", $"{Daemon.Pool}.176/29", name)).Ended(1).Saying("null ipam driver does not handle specific address pool requests");
            (await RunAsync(client, "network", "create", "--ipam-driver", "banana", name)).Ended(1).Saying("plugin \"banana\" not found");

            // The default address driver has no options, and shows what it was given.
            (await RunAsync(client, "network", "create", "--ipam-opt", "colour=red", name)).Succeeded();
            (await RunAsync(client, "network", "inspect", "-f", "{{.IPAM.Options.colour}}", name)).Text.ShouldBe("red");
        }
        finally
        {
            await RunAsync(client, "network", "rm", name);
        }
    }
}
